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
		answer := gatewaytest.Do(t, gateway.Unlimited(handler{issuer: c.setting}.serve), gatewaytest.Call{
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

func TestKeysAreNamedOnlyWhereOthersCanVerifyTokens(t *testing.T) {
	ask := func(algorithm, resource string) gatewaytest.Answer {
		return gatewaytest.Do(t, gateway.Unlimited(handler{"https://auth.example.com", algorithm}.serve), gatewaytest.Call{
			Method: "GET", Resource: resource, Header: map[string]string{"Host": "api.example.com"},
		})
	}
	if a := ask("", openID); a.Status != 404 {
		t.Errorf("HS256: status %d: %s", a.Status, a.Body)
	}
	if body := ask("", "/.well-known/oauth-authorization-server").JSON(t); body["jwks_uri"] != nil {
		t.Errorf("HS256: the keys are at %v", body["jwks_uri"])
	}
	for _, resource := range []string{openID, "/.well-known/oauth-authorization-server"} {
		body := ask("ES256", resource).JSON(t)
		if body["issuer"] != "https://auth.example.com" {
			t.Errorf("%s: the issuer is %v", resource, body["issuer"])
		}
		if body["jwks_uri"] != "https://auth.example.com/.well-known/jwks.json" {
			t.Errorf("%s: the keys are at %v", resource, body["jwks_uri"])
		}
	}
}
