package main

import (
	"testing"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
)

func TestMetadataNamesTheEndpointsWhereClientsReachThem(t *testing.T) {
	for _, c := range []struct{ setting, issuer, token string }{
		{"urn:latchkey:test", "https://api.example.com/test", "https://api.example.com/test/oauth/token"},
		{"https://auth.example.com", "https://auth.example.com", "https://auth.example.com/oauth/token"},
		{"https://auth.example.com/", "https://auth.example.com/", "https://auth.example.com/oauth/token"},
	} {
		answer := gatewaytest.Do(t, gateway.Unlimited(handler{c.setting}.serve), gatewaytest.Call{
			Method: "GET", Resource: "/.well-known/oauth-authorization-server", Header: map[string]string{"Host": "api.example.com"},
		})
		body := answer.JSON(t)
		if answer.Status != 200 || body["issuer"] != c.issuer || body["token_endpoint"] != c.token || body["introspection_endpoint"] == nil ||
			body["revocation_endpoint"] == nil || len(body["response_types_supported"].([]any)) != 1 || len(body["scopes_supported"].([]any)) < 15 {
			t.Errorf("%s: %d %s", c.setting, answer.Status, answer.Body)
		}
	}
}
