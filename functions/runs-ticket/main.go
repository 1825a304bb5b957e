// POST /v1/runs/{id}/ticket: a token for an address, which opens the events of one run for a minute.
package main

import (
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

func main() {
	gateway.Start(func() (gateway.Function, error) {
		s, err := store.FromEnv()
		if err != nil {
			return nil, err
		}
		tokens, err := token.FromEnv()
		if err != nil {
			return nil, err
		}
		return gateway.Protected(handler{s, tokens}.serve), nil
	})
}
