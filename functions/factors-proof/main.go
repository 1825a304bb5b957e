// POST /v1/auth/factors/proof: a session proves who its user is, before it changes their second factors.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s := store.FromEnv(e)
	l := login.New(s, ratelimit.FromEnv(e), password.CostFromEnv(e), e.Days("AUDIT_RETENTION_DAYS"))
	return gateway.Protected(handler{mfa.NewProver(mfa.CheckerFromEnv(e, s), l, token.FromEnv(e))}.serve)
}
