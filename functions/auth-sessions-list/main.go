// GET /v1/auth/sessions: where the caller is logged in; to an administrator with ?owner= where another
// user is.
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
