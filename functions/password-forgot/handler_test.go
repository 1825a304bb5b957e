package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// Where mail is sent: TestForgottenPasswordOfNobodyIsAnsweredAlikeAndSendsNothing, in tests/e2e.
func TestForgottenPasswordIsTakenAlikeWhereNoMailIsSent(t *testing.T) {
	s, wire := storetest.Wired(t)
	f := gateway.Public(s, nil, handler{s, outbox.Outbox{}}.serve)
	post := func(body string) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/v1/auth/password/forgot", Body: body})
	}
	if err := s.CreateUser(t.Context(), user.New("ann@example.com", user.Member, time.Now()), "hash", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	wire.Calls()
	for _, email := range []string{"ann@example.com", "nobody@example.com"} {
		a := post(`{"email":"` + email + `"}`)
		expect.Same(t, email+": status", a.Status, 202)
		expect.Same(t, email+": body", a.Body, `{"ok":true}`)
		expect.Same(t, email+": calls", fmt.Sprint(wire.Calls()), "[]")
	}
	for body, status := range map[string]int{``: 400, `{`: 400, `[]`: 422, `{}`: 422, `{"email":"x"}`: 422, `{"email":7}`: 422, `{"email":"a@example.com","x":1}`: 422} {
		expect.Same(t, body+": status", post(body).Status, status)
	}
}
