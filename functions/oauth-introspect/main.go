// POST /oauth/introspect: whether a key or a token is good, and for what (RFC 7662).
package main

import (
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/oauth"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

func main() {
	gateway.Start(func() (gateway.Function, error) {
		s, err := store.FromEnv()
		if err != nil {
			return nil, err
		}
		a, err := authn.FromEnv(s)
		if err != nil {
			return nil, err
		}
		clients, err := oauth.ClientsFromEnv(a, s)
		if err != nil {
			return nil, err
		}
		limits, err := ratelimit.FromEnv()
		if err != nil {
			return nil, err
		}
		return gateway.OAuth(s, nil, handler{a, clients, limits.For(ratelimit.Read)}.serve), nil
	})
}
