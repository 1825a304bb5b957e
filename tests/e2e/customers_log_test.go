//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestLogOfACustomerIsAChainThatItsReaderChecksAndNamesItNoMoreOnceItIsDeleted(t *testing.T) {
	p := admin(t)
	c := newCustomer(t, p.token, object{"name": "Acme", "metadata": object{"contact": "ann@acme.example"}})
	patchCustomer(t, p.token, c.ID, object{"name": "Acme Ltd.", "quota": object{"limit": 5}}).is(t, 200)
	patchCustomer(t, p.token, c.ID, object{"name": "Acme Ltd."}).is(t, 200) // nothing changes
	patchCustomer(t, p.token, c.ID, object{"disabled": true}).is(t, 200)
	path := "/v1/customers/" + c.ID + "/log"
	type page struct {
		Entries []json.RawMessage
		Head    struct {
			Seq  int
			Hash string
		}
	}
	read := func(want string) string {
		t.Helper()
		a := get(t, p.token, path).is(t, 200)
		log := decode[page](t, a)
		var said []string
		for i, text := range log.Entries {
			e, err := chain.Read(text)
			if err != nil {
				t.Fatal(err)
			}
			expect.Same(t, fmt.Sprint(e.Action, " is intact"), e.Intact, true)
			expect.Same(t, fmt.Sprint(e.Action, ": its place"), e.Chain.Seq, len(log.Entries)-i)
			if i == 0 {
				expect.Same(t, "the head", log.Head.Hash, e.Chain.Hash.String())
			}
			said = append(said, e.Action)
		}
		expect.Same(t, "the log", strings.Join(said, " "), want)
		return string(a.body)
	}
	body := read("disabled updated created")
	for _, text := range []string{"Acme Ltd.", "ann@acme.example", c.ExternalID, `"quota_to":"{\"limit\":5,\"remaining\":5}"`} {
		expect.Same(t, text+" is there", strings.Contains(body, text), true)
	}
	stranger := member(t)
	get(t, stranger.token, path).refused(t, 404, "RESOURCE_NOT_FOUND")
	get(t, newKey(t, p.token, object{"scopes": []string{"read:stats"}}).Key, path).refused(t, 403, "INSUFFICIENT_SCOPE")
	send(t, request{method: "DELETE", path: "/v1/customers/" + c.ID, as: p.token}).is(t, 204)
	body = read("deleted disabled updated created")
	for _, text := range []string{"Acme", "acme", c.ExternalID} {
		expect.Same(t, text+" is there after the deletion", strings.Contains(body, text), false)
	}
	get(t, stranger.token, path).refused(t, 404, "RESOURCE_NOT_FOUND")
}

func TestCustomersAreFoundByATextInTheirNames(t *testing.T) {
	p := member(t)
	byName := newCustomer(t, p.token, object{"name": "The Crème Company"})
	byID := newCustomer(t, p.token, object{"external_id": "crm/CRÈME-17"})
	newCustomer(t, p.token, object{"name": "Another"})
	eventually(t, "both are found, the newest first", func() bool {
		page := decode[struct{ Customers []customerView }](t, get(t, p.token, "/v1/customers?search="+url.QueryEscape("crème")).is(t, 200))
		return len(page.Customers) == 2 && page.Customers[0].ID == byID.ID && page.Customers[1].ID == byName.ID
	})
	found := decode[struct{ Customers []customerView }](t, get(t, member(t).token, "/v1/customers?search=Company").is(t, 200))
	expect.Same(t, "a stranger finds", len(found.Customers), 0)
}
