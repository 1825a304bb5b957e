package main

import (
	"testing"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/tests/expect"
)

// Without Access-Control-Allow-Origin a browser lets no page call the API, whatever else the answer has.
func TestPreflightPermitsOnlyAnOriginThatTheDeploymentNames(t *testing.T) {
	t.Setenv("ALLOWED_ORIGINS", "https://app.example.com") // read once, by the first request of the process
	for origin, permitted := range map[string]string{
		"https://app.example.com": "https://app.example.com", "https://other.example.com": "", "http://app.example.com": "", "null": "", "": "",
	} {
		a := gatewaytest.Do(t, gateway.Unlimited(serve), gatewaytest.Call{
			Method: "OPTIONS", Resource: "/v1/auth/factors", Header: map[string]string{"Origin": origin, "Access-Control-Request-Method": "POST"},
		})
		expect.Same(t, origin+": status", a.Status, 204)
		expect.Same(t, origin+": the origin that is permitted", a.Header["Access-Control-Allow-Origin"], permitted)
		expect.Same(t, origin+": the methods", a.Header["Access-Control-Allow-Methods"], "GET, POST, PUT, PATCH, DELETE")
	}
}
