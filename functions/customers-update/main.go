// PATCH /v1/customers/{id}: what all its keys together may do, and whether they are enabled.
package main

import (
	"github.com/latchkey/latchkey/shared/cacheflush"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	h := handler{store.FromEnv(e), e.Days("AUDIT_RETENTION_DAYS")}
	return gateway.Protected(cacheflush.FromEnv(e, h.store).After(h.serve))
}
