// POST /api/v1/auth/api-keys/{id}/regenerate: the same key with another secret.
package main

import (
	"github.com/latchkey/latchkey/shared/cacheflush"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	h := handler{
		store:     store.FromEnv(e),
		pepper:    secret.Pepper(e),
		retention: e.Days("AUDIT_RETENTION_DAYS"),
		maxGrace:  e.Int("MAX_GRACE", 0),
		limits:    ratelimit.FromEnv(e),
	}
	return gateway.Protected(cacheflush.FromEnv(e, h.store).After(h.serve))
}
