// POST /api/auth/refresh: a refresh token for the next pair.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s, limits := store.FromEnv(e), ratelimit.FromEnv(e)
	h := handler{s, session.IssuerFromEnv(e), factor.RuleFromEnv(e), e.Days("AUDIT_RETENTION_DAYS")}
	return gateway.Public(s, limits.For(ratelimit.Auth), h.serve)
}
