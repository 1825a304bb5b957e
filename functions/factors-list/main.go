// GET /v1/auth/factors: the caller's second factors.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	return gateway.Protected(handler{store.FromEnv(e), token.FromEnv(e), passkey.FromEnv(e)}.serve)
}
