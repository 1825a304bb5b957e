// POST /v1/users/{id}/link: an administrator invites a user again, or has them choose another password.
package main

import (
	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	return gateway.Protected(handler{account.Accounts{Store: store.FromEnv(e), Retention: e.Days("AUDIT_RETENTION_DAYS")}, outbox.FromEnv()}.serve)
}
