package main

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestWhatIsWrongRevokesNoKey(t *testing.T) {
	s, now := storetest.New(t), time.Now()
	k := apikey.Key{ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A", Hash: "1:hash", Generation: 1, CreatedAt: now}
	if err := s.CreateKey(t.Context(), k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
		t.Fatal(err)
	}
	f := gateway.Protected(handler{s, time.Hour}.serve)
	call := func(as map[string]any, body string) int {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{
			Method: "PUT", Resource: "/api/v1/auth/api-keys/{id}/revoke", Path: map[string]string{"id": k.ID}, Body: body, Authorizer: as,
		}).Status
	}
	owner := gatewaytest.User("usr_A", "a@example.com", "member", "")
	for body, status := range map[string]int{
		`{`: 400, `[]`: 422, `"x"`: 422, `{"cascade":"true"}`: 422, `{"cascade":1}`: 422, `{"Cascade":true}`: 422, `{"id":"x"}`: 422, `{"cascade":true,"cascade":false}`: 422,
	} {
		expect.Same(t, body+": status", call(owner, body), status)
	}
	for who, one := range map[string]struct {
		as     map[string]any
		status int
	}{
		"nobody":                    {nil, 401},
		"an expired key":            {gatewaytest.Refused("API_KEY_EXPIRED"), 401},
		"a caller over their limit": {gatewaytest.Refused("RATE_LIMIT_EXCEEDED"), 429},
		"a ticket":                  {gatewaytest.Ticket("usr_A", "run_A"), 401},
	} {
		expect.Same(t, who+": status", call(one.as, ""), one.status)
	}
	after, err := s.Key(t.Context(), k.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the key after all that", after.State(now), "active")
	expect.Same(t, "a key of its project: status", call(gatewaytest.Key("k", "scoped", "usr_A", "prj_A", "admin"), ""), 200)
}
