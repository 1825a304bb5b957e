// DELETE /v1/customers/{id}: its end, and that of all its keys.
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
