//go:build e2e

package e2e

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

type customerView struct {
	ID         string `json:"id"`
	ExternalID string `json:"external_id"`
	ProjectID  string `json:"project_id"`
	Disabled   bool
	Quota      *quotaState
}

func newCustomer(t testing.TB, as string, change object) customerView {
	t.Helper()
	body := object{"external_id": t.Name() + rand.Text()}
	for name, value := range change {
		body[name] = value
	}
	return decode[customerView](t, post(t, as, "/v1/customers", body).is(t, 201))
}

func patchCustomer(t testing.TB, as, id string, change object) answer {
	t.Helper()
	return send(t, request{method: "PATCH", path: "/v1/customers/" + id, as: as, body: change})
}

func TestCustomersLimitsHoldForAllItsKeysTogether(t *testing.T) {
	p := admin(t)
	c := newCustomer(t, p.token, object{"quota": object{"limit": 20, "period": "month"}, "scopes": []string{"read:stats"}})
	server := newKey(t, p.token, object{"scopes": []string{"verify:keys"}, "rate_limit": 1_000_000})
	var keys []key
	for range 10 {
		keys = append(keys, newKey(t, p.token, object{"customer_id": c.ID, "scopes": []string{"read:stats"}}))
	}
	var admitted atomic.Int64
	var all sync.WaitGroup
	for caller := range 50 {
		all.Go(func() {
			k := keys[caller%len(keys)]
			if caller%2 == 0 {
				if verify(t, server.Key, object{"key": k.Key}).Code == "VALID" {
					admitted.Add(1)
				}
				return
			}
			a, err := try(t, client, request{method: "GET", path: me, as: k.Key})
			switch {
			case err != nil:
				t.Error(err)
			case a.status == 200:
				admitted.Add(1)
			case a.status != 429:
				t.Errorf("%d: %s", a.status, a.body)
			}
		})
	}
	all.Wait()
	expect.Same(t, "admitted of 50 over ten keys", admitted.Load(), int64(20))
	sendOnce(t, request{method: "GET", path: me, as: keys[0].Key}).refused(t, 429, "QUOTA_EXCEEDED")
	got := decode[customerView](t, get(t, p.token, "/v1/customers/"+c.ID).is(t, 200))
	expect.Same(t, "what is left", got.Quota.Remaining, int64(0))

	post(t, p.token, "/v1/api-keys", object{"name": "x", "customer_id": c.ID, "scopes": []string{"write:offers"}}).refused(t, 422, "VALIDATION_ERROR")
	patchCustomer(t, p.token, c.ID, object{"quota": nil, "scopes": []string{"read:offers"}}).is(t, 200)
	expect.Same(t, "a scope above the ceiling", verify(t, server.Key, object{"key": keys[0].Key, "scopes": []string{"read:stats"}}).Code, "INSUFFICIENT_SCOPE")
	patchCustomer(t, p.token, c.ID, object{"scopes": nil}).is(t, 200)
	expect.Same(t, "the scope without a ceiling", verify(t, server.Key, object{"key": keys[0].Key, "scopes": []string{"read:stats"}}).Code, "VALID")
}

func TestDisabledCustomersKeysAreRefusedWhereverAKeyIsTaken(t *testing.T) {
	p := admin(t)
	c := newCustomer(t, p.token, nil)
	k := newKey(t, p.token, object{"customer_id": c.ID, "scopes": []string{"read:stats", "verify:keys"}})
	token := clientToken(t, k)
	form := url.Values{"client_id": {k.ID}, "client_secret": {k.Key}, "token": {token}}
	expect.Same(t, "introspection", post(t, "", "/oauth/introspect", form).is(t, 200).fields(t)["active"], any(true))
	answers := func() string {
		return fmt.Sprint(
			send(t, request{method: "GET", path: me, as: k.Key}).status, send(t, request{method: "GET", path: me, as: token}).status,
			post(t, "", "/oauth/token", clientForm(k)).status, post(t, "", "/oauth/introspect", form).status, post(t, "", "/oauth/revoke", form).status,
		)
	}
	patchCustomer(t, p.token, c.ID, object{"disabled": true}).is(t, 200)
	expect.Same(t, "while it is disabled", answers(), "401 401 401 401 401")
	expect.Same(t, "verified", verify(t, p.token, object{"key": k.Key}).Code, "API_KEY_DISABLED")
	patchCustomer(t, p.token, c.ID, object{"disabled": false}).is(t, 200)
	expect.Same(t, "enabled again", answers(), "200 200 200 200 200")
	send(t, request{method: "DELETE", path: "/v1/customers/" + c.ID, as: p.token}).is(t, 204)
	send(t, request{method: "GET", path: me, as: k.Key}).refused(t, 401, "API_KEY_REVOKED")
	send(t, request{method: "DELETE", path: "/v1/customers/" + c.ID, as: p.token}).refused(t, 404, "RESOURCE_NOT_FOUND")
	post(t, p.token, "/v1/api-keys", object{"name": "x", "customer_id": c.ID}).refused(t, 404, "RESOURCE_NOT_FOUND")
}

func TestCustomersAreThoseOfTheirProject(t *testing.T) {
	p, stranger := admin(t), member(t)
	c := newCustomer(t, p.token, object{"name": "Acme", "metadata": object{"plan": "pro"}})
	post(t, p.token, "/v1/customers", object{"external_id": c.ExternalID}).refused(t, 409, "DUPLICATE_RESOURCE")
	manager := newKey(t, p.token, object{"scopes": []string{"admin"}})
	elsewhere := newKey(t, p.token, object{"scopes": []string{"admin"}, "project_id": newProject(t, p.token, "far_").ID})
	for name, as := range map[string]string{"another user": stranger.token, "a key of another project": elsewhere.Key} {
		for _, method := range []string{"GET", "DELETE"} {
			send(t, request{method: method, path: "/v1/customers/" + c.ID, as: as}).refused(t, 404, "RESOURCE_NOT_FOUND")
		}
		patchCustomer(t, as, c.ID, object{"disabled": true}).refused(t, 404, "RESOURCE_NOT_FOUND")
		post(t, as, "/v1/api-keys", object{"name": name, "customer_id": c.ID}).refused(t, 404, "RESOURCE_NOT_FOUND")
		get(t, as, "/v1/api-keys?customer_id="+c.ID).refused(t, 404, "RESOURCE_NOT_FOUND")
	}
	get(t, stranger.token, "/v1/customers?project_id="+c.ProjectID).refused(t, 404, "RESOURCE_NOT_FOUND")
	named := "/v1/customers?external_id=" + url.QueryEscape(c.ExternalID)
	type page struct{ Customers []customerView }
	expect.Same(t, "by its external id", decode[page](t, get(t, manager.Key, named).is(t, 200)).Customers[0].ID, c.ID)
	expect.Same(t, "to the stranger", len(decode[page](t, get(t, stranger.token, named).is(t, 200)).Customers), 0)
	eventually(t, "it is in its project's list", func() bool {
		for _, one := range decode[page](t, get(t, p.token, "/v1/customers?limit=100").is(t, 200)).Customers {
			if one.ID == c.ID {
				return true
			}
		}
		return false
	})
	k := newKey(t, manager.Key, object{"customer_id": c.ID, "scopes": []string{"admin"}})
	patchCustomer(t, k.Key, c.ID, object{"quota": nil}).refused(t, 403, "FORBIDDEN")
	post(t, k.Key, "/v1/customers", object{"external_id": "x"}).refused(t, 403, "FORBIDDEN")
	eventually(t, "its key is in its list", func() bool {
		return len(decode[[]key](t, get(t, p.token, "/v1/api-keys?customer_id="+c.ID).is(t, 200))) == 1
	})
	patchCustomer(t, manager.Key, c.ID, object{"name": "Acme Ltd."}).is(t, 200)
	send(t, request{method: "DELETE", path: "/v1/customers/" + c.ID, as: manager.Key}).is(t, 204)
}

func TestKeysAreImportedForACustomer(t *testing.T) {
	p := admin(t)
	c := newCustomer(t, p.token, object{"quota": object{"limit": 1}})
	full := "shop_live_" + rand.Text()
	line := object{"name": "x", "scopes": []string{"read:events"}, "hash": hashOf(full), "customer_id": c.ID}
	expect.Same(t, "imported", importLines(t, p.token, "/v1/keys/import", line).Created, 1)
	line["customer_id"], line["hash"] = "cus_AAAAAAAAAAAAAAAAAAAAAAAAAA", hashOf(full+"x")
	expect.Same(t, "for nobody", importLines(t, p.token, "/v1/keys/import", line).Refused, 1)
	get(t, full, me).is(t, 200)
	sendOnce(t, request{method: "GET", path: me, as: full}).refused(t, 429, "QUOTA_EXCEEDED")
}

func TestLeakedKeyOfACustomerIsRevoked(t *testing.T) {
	s, p := newScanner(t), member(t)
	k := newKey(t, p.token, object{"customer_id": newCustomer(t, p.token, nil).ID})
	of := newKey(t, p.token, object{"customer_id": newCustomer(t, p.token, nil).ID})
	token := clientToken(t, of)
	report, err := json.Marshal([]object{{"token": k.Key, "type": "latchkey_api_key"}, {"token": token, "type": "jwt"}})
	if err != nil {
		t.Fatal(err)
	}
	s.report(t, string(report)).is(t, 200)
	send(t, request{method: "GET", path: me, as: k.Key}).refused(t, 401, "API_KEY_REVOKED")
	send(t, request{method: "GET", path: me, as: token}).refused(t, 401, "TOKEN_INVALID")
}

func TestCampaignsAreClosedToTheKeysOfADisabledCustomer(t *testing.T) {
	needs(t, theExample)
	p := admin(t)
	c := newCustomer(t, p.token, nil)
	k := newKey(t, p.token, object{"customer_id": c.ID, "scopes": []string{"read:campaigns"}})
	example(t, "GET", "/api/campaigns", k.Key, "").is(t, 200)
	patchCustomer(t, p.token, c.ID, object{"disabled": true}).is(t, 200)
	example(t, "GET", "/api/campaigns", k.Key, "").is(t, 401)
}

// eventually waits for what an index shows a little later.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("20 s later: %s does not hold", what)
			return
		}
	}
}
