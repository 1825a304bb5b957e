package main

import (
	"context"
	"strings"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/scope"
)

type handler struct {
	issuer    string
	algorithm string // with which others can verify tokens; "" if they cannot
}

const openID = "/.well-known/openid-configuration"

// metadata has the members of RFC 8414 §2.
type metadata struct {
	Issuer                string    `json:"issuer"`
	Token                 string    `json:"token_endpoint"`
	TokenAuthMethods      []string  `json:"token_endpoint_auth_methods_supported"`
	Introspect            string    `json:"introspection_endpoint"`
	IntrospectAuthMethods []string  `json:"introspection_endpoint_auth_methods_supported"`
	Revoke                string    `json:"revocation_endpoint"`
	RevokeAuthMethods     []string  `json:"revocation_endpoint_auth_methods_supported"`
	GrantTypes            []string  `json:"grant_types_supported"`
	ResponseTypes         []string  `json:"response_types_supported"`
	Scopes                scope.Set `json:"scopes_supported"`

	// Those of OpenID Connect Discovery 1.0 §3 too, where there is a key pair. There are no ID
	// tokens, but a verifier reads there how tokens are signed.
	Keys         string   `json:"jwks_uri,omitempty"`
	SubjectTypes []string `json:"subject_types_supported,omitempty"`
	Algorithms   []string `json:"id_token_signing_alg_values_supported,omitempty"`
}

func (h handler) serve(_ context.Context, r *gateway.Request) (gateway.Response, error) {
	if r.Resource() == openID && h.algorithm == "" {
		return gateway.Response{}, problem.NotFound
	}
	issuer := r.PublicURL(h.issuer)
	at := strings.TrimSuffix(issuer, "/")
	methods := []string{"client_secret_basic", "client_secret_post"}
	doc := metadata{
		Issuer: issuer,
		Token:  at + "/oauth/token", TokenAuthMethods: methods,
		Introspect: at + "/oauth/introspect", IntrospectAuthMethods: methods,
		Revoke: at + "/oauth/revoke", RevokeAuthMethods: methods,
		GrantTypes: []string{"client_credentials"},
		// RFC 8414 requires the member, and Authlib an element. There is no authorization
		// endpoint, and none is the registered response type that returns nothing.
		ResponseTypes: []string{"none"},
		Scopes:        scope.Default().All(),
	}
	if h.algorithm != "" {
		doc.Keys, doc.SubjectTypes, doc.Algorithms = at+"/.well-known/jwks.json", []string{"public"}, []string{h.algorithm}
	}
	return gateway.JSON(200, doc), nil
}
