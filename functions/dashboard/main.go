// GET /dashboard: the page on which people manage their keys, whole in one answer.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	store.FollowCatalogue(e)
	return gateway.Unlimited(newPages(deployment{ratelimit.FromEnv(e), e.Int("MAX_GRACE", 0), e.Either("SENDS_MAIL", "false", "true") == "true"}).serve)
}
