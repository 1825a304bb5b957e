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
		if answer.Status != 200 {
			t.Fatalf("%s: status %d, want 200: %s", c.setting, answer.Status, answer.Body)
		}
		if body["issuer"] != c.issuer {
			t.Errorf("%s: issuer: %v, want %v", c.setting, body["issuer"], c.issuer)
		}
		if body["token_endpoint"] != c.token {
			t.Errorf("%s: token_endpoint: %v, want %v", c.setting, body["token_endpoint"], c.token)
		}
		if body["introspection_endpoint"] == nil {
			t.Errorf("%s: there is no introspection_endpoint", c.setting)
		}
		if body["revocation_endpoint"] == nil {
			t.Errorf("%s: there is no revocation_endpoint", c.setting)
		}
		if len(body["response_types_supported"].([]any)) != 1 {
			t.Errorf("%s: %d response_types_supported, want 1", c.setting, len(body["response_types_supported"].([]any)))
		}
		if len(body["scopes_supported"].([]any)) < 15 {
			t.Errorf("%s: %d scopes_supported, want 15 or more", c.setting, len(body["scopes_supported"].([]any)))
		}
	}
}
