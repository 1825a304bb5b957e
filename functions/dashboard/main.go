// GET /dashboard: the page on which people manage their keys, whole in one answer.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/scope"
)

func main() {
	gateway.Start(func() (gateway.Function, error) {
		maxGrace, err := env.Int("MAX_GRACE", 0)
		if err != nil {
			return nil, err
		}
		p, err := newPage(settingsOf(scope.Default(), maxGrace))
		if err != nil {
			return nil, err
		}
		return gateway.Unlimited(p.serve), nil
	})
}
