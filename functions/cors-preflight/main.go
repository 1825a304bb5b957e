// OPTIONS on every path: what a browser asks before it lets a page call the API.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
)

func main() { gateway.Start(env.Build(fromEnv)) }

func fromEnv(*env.Reader) gateway.Function {
	return gateway.Unlimited(serve)
}
