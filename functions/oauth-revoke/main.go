// POST /oauth/revoke: a client ends a token or a key (RFC 7009).
package main

import (
	"github.com/latchkey/latchkey/shared/cacheflush"
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
		flusher, err := cacheflush.FromEnv()
		if err != nil {
			return nil, err
		}
		return gateway.OAuth(s, nil, flusher.AfterPublic(h.serve)), nil
	})
}
