// GET /v1/api-keys and GET /api/v1/auth/api-keys: the caller's keys, masked; to an
// administrator who is logged in with ?owner= also those of another user, or of everybody.
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
