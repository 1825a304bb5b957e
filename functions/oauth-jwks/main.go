// GET /.well-known/jwks.json: the public keys with which tokens are verified (RFC 7517). Where
// tokens are signed with HS256 there are none, and the answer is 404.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/secret"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(*env.Reader) gateway.Function {
	public, _ := secret.KeyPair()
	return gateway.Unlimited(handler{public}.serve)
}
