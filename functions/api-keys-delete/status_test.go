package main

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestWhatIsWrongDeletesNoKey(t *testing.T) {
	s := storetest.New(t)
	f, k := gateway.Protected(handler{s, time.Hour}.serve), made(t, s, nil)
	call := func(as map[string]any, id, body string) int {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{
			Method: "DELETE", Resource: "/api/v1/auth/api-keys/{id}", Path: map[string]string{"id": id}, Body: body, Authorizer: as,
		}).Status
	}
	owner := gatewaytest.User("usr_A", "a@example.com", "member", "")
	for body, status := range map[string]int{
		`{`: 400, `[]`: 422, `"x"`: 422, `{"cascade":"true"}`: 422, `{"cascade":1}`: 422, `{"Cascade":true}`: 422, `{"id":"x"}`: 422, `{"cascade":true,"cascade":false}`: 422,
	} {
		expect.Same(t, body+": status", call(owner, k.ID, body), status)
	}
	for _, id := range []string{"", "x", apikey.NewID(), k.ID + "/", k.ID + "\n", "%00"} {
		expect.Same(t, "the key "+id+": status", call(owner, id, ""), 404)
	}
	for who, one := range map[string]struct {
		as     map[string]any
		status int
	}{
		"nobody":                    {nil, 401},
		"a revoked key":             {gatewaytest.Refused("API_KEY_REVOKED"), 401},
		"a caller over their limit": {gatewaytest.Refused("RATE_LIMIT_EXCEEDED"), 429},
		"a ticket":                  {gatewaytest.Ticket("usr_A", "run_A"), 401},
		"a key of another project":  {gatewaytest.Key("k", "scoped", "usr_A", "prj_B", "admin"), 404},
		"a stranger's key":          {gatewaytest.Key("k", "scoped", "usr_B", "prj_B", "admin"), 404},
		"somebody else":             {gatewaytest.User("usr_B", "b@example.com", "member", "admin"), 404},
	} {
		expect.Same(t, who+": status", call(one.as, k.ID, `{"cascade":true}`), one.status)
	}
	after, err := s.Key(t.Context(), k.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the key after all that", after.State(time.Now()), "active")
	expect.Same(t, "a key of its project: status", call(gatewaytest.Key("k", "scoped", "usr_A", "prj_A", "admin"), k.ID, `{}`), 204)
}
