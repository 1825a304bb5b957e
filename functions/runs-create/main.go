// POST /v1/runs: a run, whose events writers append and pollers follow.
package main

import (
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
		retention, err := env.Days("RUN_RETENTION_DAYS")
		if err != nil {
			return nil, err
		}
		return gateway.Protected(handler{s, retention}.serve), nil
	})
}
