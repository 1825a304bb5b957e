// DELETE /v1/auth/factors/{id}: removes a second factor of the caller.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	return gateway.Protected(handler{store.FromEnv(e), factor.RuleFromEnv(e), e.Days("AUDIT_RETENTION_DAYS")}.serve)
}
