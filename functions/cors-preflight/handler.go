package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
)

// serve answers for any origin alike; whether the page may go on, the headers say that
// package gateway adds for an origin which the deployment allows, and for no other.
func serve(context.Context, *gateway.Request) (gateway.Response, error) {
	return gateway.Response{Status: 204, Header: map[string]string{
		"Access-Control-Allow-Methods": "GET, POST, PUT, DELETE",
		"Access-Control-Allow-Headers": "Authorization, Content-Type, X-Api-Key, Idempotency-Key",
		"Access-Control-Max-Age":       "600",
	}}, nil
}
