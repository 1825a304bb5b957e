package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
)

func serve(context.Context, *gateway.Request) (gateway.Response, error) {
	return gateway.JSON(200, map[string]string{"status": "ok"}), nil
}
