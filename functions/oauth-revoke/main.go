// POST /oauth/revoke: a client ends a token or a key (RFC 7009).
package main

import (
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/cacheflush"
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
	h := handler{
		store:     s,
		authn:     a,
		clients:   oauth.NewClients(a),
		limit:     ratelimit.FromEnv(e).For(ratelimit.Management),
		retention: e.Days("AUDIT_RETENTION_DAYS"),
		resources: resource.FromEnv(e),
	}
	return gateway.OAuth(s, nil, cacheflush.FromEnv(e, h.store).AfterPublic(h.serve))
}
