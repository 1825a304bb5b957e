// GET /.well-known/oauth-authorization-server: what OAuth clients find out by themselves (RFC 8414).
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	return gateway.Unlimited(handler{e.Required("ISSUER")}.serve)
}
