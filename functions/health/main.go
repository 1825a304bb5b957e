// GET /health: the API and its functions answer.
package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
)

func main() {
	gateway.Start(func() (gateway.Function, error) { return gateway.Unlimited(serve), nil })
}

func serve(context.Context, *gateway.Request) (gateway.Response, error) {
	return gateway.JSON(200, map[string]string{"status": "ok"}), nil
}
