// POST /api/v1/auth/api-keys/{id}/regenerate: the same key with another secret.
package main

import (
	"github.com/latchkey/latchkey/shared/cacheflush"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
)

func main() {
	gateway.Start(func() (gateway.Function, error) {
		var h handler
		var err error
		if h.store, err = store.FromEnv(); err != nil {
			return nil, err
		}
		if h.pepper, err = secret.Pepper(); err != nil {
			return nil, err
		}
		if h.retention, err = env.Days("AUDIT_RETENTION_DAYS"); err != nil {
			return nil, err
		}
		if h.maxGrace, err = env.Int("MAX_GRACE", 0); err != nil {
			return nil, err
		}
		flusher, err := cacheflush.FromEnv()
		if err != nil {
			return nil, err
		}
		return gateway.Protected(flusher.After(h.serve)), nil
	})
}
