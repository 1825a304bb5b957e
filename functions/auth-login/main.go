// POST /v1/auth/login: an e-mail address and a password for a session token.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s, limits := store.FromEnv(e), ratelimit.FromEnv(e)
	h := handler{login.FromEnv(e, s, limits).Telling(outbox.FromEnv().Teller()), token.FromEnv(e), e.Seconds("SESSION_LIFETIME")}
	return gateway.Public(s, limits.For(ratelimit.Auth), h.serve)
}
