// GET /v1/runs/{id}/events/stream: the events after a cursor, by polling.
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
		return gateway.Protected(handler{s}.serve, gateway.Ticket), nil
	})
}
