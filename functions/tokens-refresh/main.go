// POST /api/auth/refresh: a refresh token for the next pair.
package main

import (
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
)

func main() {
	gateway.Start(func() (gateway.Function, error) {
		s, err := store.FromEnv()
		if err != nil {
			return nil, err
		}
		issuer, err := session.IssuerFromEnv()
		if err != nil {
			return nil, err
		}
		limits, err := ratelimit.FromEnv()
		if err != nil {
			return nil, err
		}
		return gateway.Public(s, limits.For(ratelimit.Auth), handler{s, issuer}.serve), nil
	})
}
