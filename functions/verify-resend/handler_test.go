package main

import (
	"testing"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/tests/expect"
)

// Where mail is sent: TestAddressIsVerifiedByTheLinkOfALetter, in tests/e2e.
func TestWhereNoMailIsSentThereIsNoLinkToResend(t *testing.T) {
	f := gateway.Protected(handler{nil, outbox.Outbox{}}.serve)
	for name, row := range map[string]struct {
		as     map[string]any
		status int
	}{
		"a user": {gatewaytest.User("usr_A", "a@example.com", "member", ""), 404},
		"a key":  {gatewaytest.Key("k", "scoped", "usr_A", "prj_A", "admin"), 403},
	} {
		a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/v1/auth/verify/resend", Authorizer: row.as})
		expect.Same(t, name+": status", a.Status, row.status)
	}
}
