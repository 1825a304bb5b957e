// GET /.well-known/oauth-authorization-server: what OAuth clients find out by themselves (RFC 8414).
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
)

func main() {
	gateway.Start(func() (gateway.Function, error) {
		issuer, err := env.Required("ISSUER")
		if err != nil {
			return nil, err
		}
		return gateway.Unlimited(handler{issuer}.serve), nil
	})
}
