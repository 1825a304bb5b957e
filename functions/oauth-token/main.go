// POST /oauth/token: a client's id and secret for an access token (RFC 6749 §4.4).
package main

import (
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

func main() {
	gateway.Start(func() (gateway.Function, error) {
		s, err := store.FromEnv()
		if err != nil {
			return nil, err
		}
		h, err := fromEnv(s)
		if err != nil {
			return nil, err
		}
		return gateway.OAuth(s, h.limit, h.serve), nil
	})
}
