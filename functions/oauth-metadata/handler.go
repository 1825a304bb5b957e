package main

import (
	"context"
	"strings"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/scope"
)

type handler struct{ issuer string }

// metadata is RFC 8414 §2.
type metadata struct {
	Issuer                string    `json:"issuer"`
	Token                 string    `json:"token_endpoint"`
	TokenAuthMethods      []string  `json:"token_endpoint_auth_methods_supported"`
	Introspect            string    `json:"introspection_endpoint"`
	IntrospectAuthMethods []string  `json:"introspection_endpoint_auth_methods_supported"`
	Revoke                string    `json:"revocation_endpoint"`
	RevokeAuthMethods     []string  `json:"revocation_endpoint_auth_methods_supported"`
	GrantTypes            []string  `json:"grant_types_supported"`
	ResponseTypes         []string  `json:"response_types_supported"` // none: there is no authorization endpoint
	Scopes                scope.Set `json:"scopes_supported"`
}

// serve names the issuer as clients must see it, a URL: the deployment's own where the
// parameter Issuer is one, and otherwise where the API was called.
func (h handler) serve(_ context.Context, r *gateway.Request) (gateway.Response, error) {
	issuer := h.issuer
	if !strings.Contains(issuer, "://") {
		issuer = r.BaseURL()
	}
	at := strings.TrimSuffix(issuer, "/")
	methods := []string{"client_secret_basic", "client_secret_post"}
	return gateway.JSON(200, metadata{
		Issuer: issuer,
		Token:  at + "/oauth/token", TokenAuthMethods: methods,
		Introspect: at + "/oauth/introspect", IntrospectAuthMethods: methods,
		Revoke: at + "/oauth/revoke", RevokeAuthMethods: methods,
		GrantTypes:    []string{"client_credentials"},
		ResponseTypes: []string{},
		Scopes:        scope.Default().All(),
	}), nil
}
