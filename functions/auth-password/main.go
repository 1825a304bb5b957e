// POST /v1/auth/password: a user who is logged in changes their password.
package main

import (
	"github.com/latchkey/latchkey/shared/cacheflush"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/newpassword"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s, cost, retention := store.FromEnv(e), password.CostFromEnv(e), e.Days("AUDIT_RETENTION_DAYS")
	h := handler{login.New(s, ratelimit.FromEnv(e), cost, retention), newpassword.Setter{Store: s, Cost: cost, Retention: retention}}
	return gateway.Protected(cacheflush.FromEnv(e, s).After(h.serve))
}
