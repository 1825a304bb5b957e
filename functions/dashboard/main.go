// GET /dashboard: the page on which people manage their keys, whole in one answer.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	p, err := newPage(settingsOf(scope.Default(), ratelimit.FromEnv(e), e.Int("MAX_GRACE", 0)))
	e.Fail(err)
	return gateway.Unlimited(p.serve)
}
