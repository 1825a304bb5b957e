// GET /v1/usage: how often keys were used, by the hour or day, of a project, a customer, a key or, for an
// administrator who is logged in, the whole deployment.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	return gateway.Protected(handler{store.FromEnv(e), mostBytes}.serve)
}
