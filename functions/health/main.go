// GET /health: the API and its functions answer, and say their release.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(*env.Reader) gateway.Function {
	return gateway.Unlimited(serve)
}
