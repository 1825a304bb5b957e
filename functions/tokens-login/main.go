// POST /api/auth/login: an e-mail address and a password for an access and a refresh token.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s, limits := store.FromEnv(e), ratelimit.FromEnv(e)
	h := handler{login.FromEnv(e, s, limits).Telling(outbox.FromEnv().Teller()), session.IssuerFromEnv(e)}
	return gateway.Public(s, limits.For(ratelimit.Auth), h.serve)
}
