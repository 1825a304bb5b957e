package main

import (
	"testing"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/release"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestHealthNeedsNoCredentialAndSaysItsReleaseAndNothingElse(t *testing.T) {
	a := gatewaytest.Do(t, gateway.Unlimited(serve), gatewaytest.Call{Method: "GET", Resource: "/health"})
	expect.Same(t, "status", a.Status, 200)
	expect.Same(t, "the body", a.Body, `{"status":"ok","version":"`+release.Version+`"}`)
}
