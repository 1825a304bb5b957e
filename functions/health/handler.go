package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/release"
)

func serve(context.Context, *gateway.Request) (gateway.Response, error) {
	return gateway.JSON(200, map[string]string{"status": "ok", "version": release.Version}), nil
}
