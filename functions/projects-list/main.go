// GET /v1/projects: a user's projects in pages, or a key's own in an array. With ?owner= an
// administrator who is logged in sees those of another user.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	return gateway.Protected(handler{store.FromEnv(e)}.serve)
}
