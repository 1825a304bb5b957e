// POST /v1/auth/verify: the holder of a link shows that they read mail to their address.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	s := store.FromEnv(e)
	return gateway.Public(s, ratelimit.FromEnv(e).For(ratelimit.Auth), handler{s, outbox.FromEnv().Sends(), e.Days("AUDIT_RETENTION_DAYS")}.serve)
}
