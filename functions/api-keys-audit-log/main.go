// GET /api/v1/auth/api-keys/{id}/audit-log: what was done to a key, and its use.
package main

import (
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

func main() {
	gateway.Start(func() (gateway.Function, error) {
		s, err := store.FromEnv()
		if err != nil {
			return nil, err
		}
		return gateway.Protected(handler{s}.serve), nil
	})
}
