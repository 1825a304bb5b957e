// POST /oauth/token: a client's id and secret for an access token (RFC 6749 §4.4).
package main

import (
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/oauth"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/resource"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s := store.FromEnv(e)
	h := handler{
		store:     s,
		clients:   oauth.NewClients(authn.FromEnv(e, s)),
		tokens:    token.FromEnv(e),
		limit:     ratelimit.FromEnv(e).For(ratelimit.Auth),
		lifetime:  e.Seconds("ACCESS_TOKEN_LIFETIME"),
		retention: e.Days("AUDIT_RETENTION_DAYS"),
		issuer:    e.Required("ISSUER"),
		resources: resource.FromEnv(e),
	}
	return gateway.OAuth(s, h.limit, h.serve)
}
