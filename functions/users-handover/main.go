// POST /v1/users/{id}/handover: an administrator hands a user's projects and keys to another user.
package main

import (
	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/cacheflush"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	h := handler{account.Accounts{Store: store.FromEnv(e), Retention: e.Days("AUDIT_RETENTION_DAYS")}}
	return gateway.Protected(cacheflush.FromEnv(e, h.accounts.Store).After(h.serve))
}
