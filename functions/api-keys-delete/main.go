// DELETE /v1/api-keys/{id} and DELETE /api/v1/auth/api-keys/{id}.
package main

import (
	"github.com/latchkey/latchkey/shared/cacheflush"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

func main() {
	gateway.Start(func() (gateway.Function, error) {
		s, err := store.FromEnv()
		if err != nil {
			return nil, err
		}
		retention, err := env.Days("AUDIT_RETENTION_DAYS")
		if err != nil {
			return nil, err
		}
		flusher, err := cacheflush.FromEnv()
		if err != nil {
			return nil, err
		}
		return gateway.Protected(flusher.After(handler{s, retention}.serve)), nil
	})
}
