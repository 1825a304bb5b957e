// POST /v1/auth/factors/{id}/confirm: from now on logins ask for this factor.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	h := handler{store.FromEnv(e), factor.NewVault(secret.Factors(e)), passkey.FromEnv(e), e.Days("AUDIT_RETENTION_DAYS")}
	return gateway.Protected(h.serve, gateway.Setup)
}
