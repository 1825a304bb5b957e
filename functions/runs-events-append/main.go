// POST /v1/runs/{id}/events: numbers events and adds them to a run.
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
