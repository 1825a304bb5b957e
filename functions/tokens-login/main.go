// POST /api/auth/login: an e-mail address and a password for an access and a refresh token.
package main

import (
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
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
		h := handler{login.New(s, limits), issuer}
		return gateway.Public(s, limits.For(ratelimit.Auth), h.serve), nil
	})
}
