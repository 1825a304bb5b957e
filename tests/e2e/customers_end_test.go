//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

func TestCustomersGoWithTheProjectOfAUserWhoIsDeletedAndStayWithOneThatIsHandedOver(t *testing.T) {
	boss, leaver, heir := admin(t), member(t), member(t)
	c := newCustomer(t, leaver.token, object{"name": "Acme"})
	k := newKey(t, leaver.token, object{"customer_id": c.ID})
	post(t, boss.token, "/v1/users/"+leaver.ID+"/handover", object{"to": heir.ID}).is(t, 200)
	for _, as := range []string{leaver.token, boss.token} {
		want := map[bool]int{true: 404, false: 200}[as == leaver.token]
		get(t, as, "/v1/customers/"+c.ID).is(t, want)
	}
	expect.Same(t, "the heir's", decode[customerView](t, get(t, heir.token, "/v1/customers/"+c.ID).is(t, 200)).ExternalID, c.ExternalID)
	post(t, heir.token, "/v1/customers", object{"external_id": c.ExternalID, "project_id": c.ProjectID}).refused(t, 409, "DUPLICATE_RESOURCE")
	get(t, k.Key, me).is(t, 200)
	send(t, request{method: "DELETE", path: "/v1/users/" + heir.ID, as: boss.token}).is(t, 204)
	get(t, k.Key, me).refused(t, 401, "API_KEY_INVALID")
	for _, path := range []string{"/v1/customers/" + c.ID, "/v1/customers/" + c.ID + "/log"} {
		get(t, boss.token, path).refused(t, 404, "RESOURCE_NOT_FOUND")
	}
}

func TestCustomerThatWasLostComesBackFromARestoredTableAndNoneThatWasEnded(t *testing.T) {
	needs(t, theLambda)
	p := member(t)
	lost, deleted, disabled := newCustomer(t, p.token, nil), newCustomer(t, p.token, nil), newCustomer(t, p.token, nil)
	var keys []key
	for _, c := range []customerView{lost, deleted, disabled} {
		keys = append(keys, newKey(t, p.token, object{"customer_id": c.ID}))
	}
	restored := copyOf(t, lost.ID, deleted.ID, disabled.ID)
	send(t, request{method: "DELETE", path: "/v1/customers/" + deleted.ID, as: p.token}).is(t, 204)
	patchCustomer(t, p.token, disabled.ID, object{"disabled": true}).is(t, 200)
	var gone []string
	for _, c := range []customerView{lost, deleted, disabled} {
		gone = append(gone, "CUSTOMER#"+c.ID+" CUSTOMER")
	}
	restored.lose(gone...)
	answer, failed := callFunction(t, "TableRestoreFunction", object{"from": restored.name, "at": restored.at.UTC().Format(time.RFC3339Nano)})
	var done struct{ Disabled []string }
	if err := json.Unmarshal(answer, &done); failed || err != nil {
		t.Fatalf("%s", answer)
	}
	expect.Same(t, "it tells what it disabled", fmt.Sprint(slices.Contains(done.Disabled, disabled.ID), len(done.Disabled)), "true 1")
	get(t, keys[0].Key, me).is(t, 200)
	get(t, keys[1].Key, me).refused(t, 401, "API_KEY_REVOKED")
	get(t, keys[2].Key, me).refused(t, 401, "API_KEY_DISABLED")
	log := string(get(t, p.token, "/v1/customers/"+lost.ID+"/log").is(t, 200).body)
	expect.Same(t, "its log says that it came back", strings.Contains(log, `"action":"restored"`), true)
	post(t, p.token, "/v1/customers", object{"external_id": deleted.ExternalID}).is(t, 201)
	post(t, p.token, "/v1/customers", object{"external_id": lost.ExternalID}).refused(t, 409, "DUPLICATE_RESOURCE")
}
