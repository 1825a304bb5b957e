// POST /oauth/introspect: whether a key or a token is good, and for what (RFC 7662).
package main

import (
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/oauth"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/resource"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s := store.FromEnv(e)
	a := authn.FromEnv(e, s)
	h := handler{a, oauth.NewClients(a), ratelimit.FromEnv(e).For(ratelimit.Read), e.Required("ISSUER"), resource.FromEnv(e)}
	return gateway.OAuth(s, nil, h.serve)
}
