// POST /api/auth/logout: the session ends, and every token of it.
package main

import (
	"github.com/latchkey/latchkey/shared/cacheflush"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

func main() {
	gateway.Start(func() (gateway.Function, error) {
		s, err := store.FromEnv()
		if err != nil {
			return nil, err
		}
		flusher, err := cacheflush.FromEnv()
		if err != nil {
			return nil, err
		}
		return gateway.Protected(flusher.After(handler{s}.serve)), nil
	})
}
