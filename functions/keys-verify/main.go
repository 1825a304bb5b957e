// POST /v1/keys/verify: whether a key that somebody presented to another server is good, for what that
// server was asked. It is counted, limited and logged as the authorizer does.
package main

import (
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	limits := ratelimit.FromEnv(e)
	a := authn.New(store.FromEnv(e), nil, secret.Pepper(e), limits.For(ratelimit.Auth)) // it checks no tokens
	return gateway.Protected(handler{a, limits}.serve)
}
