// GET /openapi.json: the API described, in OpenAPI 3.1.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(e *env.Reader) gateway.Function {
	store.FollowCatalogue(e)
	return gateway.Unlimited(handler{e.Required("ISSUER")}.serve)
}
