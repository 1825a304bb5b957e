package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
)

// serve gives every origin the same answer. Package gateway adds the headers that permit the
// request, and adds them only for an origin that the deployment allows.
func serve(context.Context, *gateway.Request) (gateway.Response, error) {
	return gateway.Response{Status: 204, Header: map[string]string{
		"Access-Control-Allow-Methods": "GET, POST, PUT, PATCH, DELETE",
		"Access-Control-Allow-Headers": "Authorization, Content-Type, X-Api-Key, Idempotency-Key",
		"Access-Control-Max-Age":       "600",
	}}, nil
}
