package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, _ *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	u, err := owned.User(ctx, h.store, p)
	if err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(200, u), nil
}
