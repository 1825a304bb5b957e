// POST /v1/api-keys and POST /api/v1/auth/api-keys: a new key, shown once.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	return gateway.Protected(handler{
		store:     store.FromEnv(e),
		pepper:    secret.Pepper(e),
		retention: e.Days("AUDIT_RETENTION_DAYS"),
		limits:    ratelimit.FromEnv(e),
		most:      e.Int("MAX_KEYS", 0),
	}.serve)
}
