// GET /.well-known/oauth-authorization-server: what OAuth clients find out by themselves (RFC 8414).
// GET /.well-known/openid-configuration: the same, for verifiers that look for the keys there (OpenID
// Connect Discovery 1.0). Where tokens are signed with HS256 there are none, and the answer is 404.
package main

import (
	"os"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	store.FollowCatalogue(e)
	return gateway.Unlimited(handler{e.Required("ISSUER"), pairAlgorithm()}.serve)
}

// pairAlgorithm returns the algorithm with which others can verify tokens, or "".
func pairAlgorithm() string {
	if algorithm := os.Getenv("SIGNING_ALGORITHM"); algorithm != "HS256" {
		return algorithm
	}
	return ""
}
