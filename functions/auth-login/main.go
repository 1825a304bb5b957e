// POST /v1/auth/login: an e-mail address and a password for a session token.
package main

import (
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

func main() {
	gateway.Start(func() (gateway.Function, error) {
		s, err := store.FromEnv()
		if err != nil {
			return nil, err
		}
		tokens, err := token.FromEnv()
		if err != nil {
			return nil, err
		}
		limits, err := ratelimit.FromEnv()
		if err != nil {
			return nil, err
		}
		lifetime, err := env.Seconds("SESSION_LIFETIME")
		if err != nil {
			return nil, err
		}
		h := handler{login.New(s, limits), tokens, lifetime}
		return gateway.Public(s, limits.For(ratelimit.Auth), h.serve), nil
	})
}
