// POST /v1/auth/password/reset: the holder of a link chooses a password.
package main

import (
	"github.com/latchkey/latchkey/shared/cacheflush"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/newpassword"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s := store.FromEnv(e)
	h := handler{newpassword.Setter{Store: s, Cost: password.CostFromEnv(e), Retention: e.Days("AUDIT_RETENTION_DAYS")}}
	return gateway.Public(s, ratelimit.FromEnv(e).For(ratelimit.Auth), cacheflush.FromEnv(e, s).AfterPublic(h.serve))
}
