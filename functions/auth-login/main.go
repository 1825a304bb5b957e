// POST /v1/auth/login: an e-mail address and a password for a session token.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s, limits := store.FromEnv(e), ratelimit.FromEnv(e)
	h := handler{login.New(s, limits, password.CostFromEnv(e), e.Days("AUDIT_RETENTION_DAYS")).Bound(e.Int("MAX_SESSIONS", 0)).Requiring(factor.RuleFromEnv(e)).Telling(outbox.FromEnv().Teller()), token.FromEnv(e), e.Seconds("SESSION_LIFETIME")}
	return gateway.Public(s, limits.For(ratelimit.Auth), h.serve)
}
