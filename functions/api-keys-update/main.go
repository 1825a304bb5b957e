// PATCH /v1/api-keys/{id}: what a key may do, and whether it is enabled.
package main

import (
	"github.com/latchkey/latchkey/shared/cacheflush"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	h := handler{store.FromEnv(e), e.Days("AUDIT_RETENTION_DAYS"), ratelimit.FromEnv(e)}
	return gateway.Protected(cacheflush.FromEnv(e, h.store).After(h.serve))
}
