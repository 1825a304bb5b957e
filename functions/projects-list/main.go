// GET /v1/projects: a user's projects in pages, or a key's own in an array.
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
