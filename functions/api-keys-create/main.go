// POST /v1/api-keys and POST /api/v1/auth/api-keys: a new key, shown once.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/ratelimit"
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
		if h.limits, err = ratelimit.FromEnv(); err != nil {
			return nil, err
		}
		return gateway.Protected(h.serve), nil
	})
}
