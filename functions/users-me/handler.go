package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, _ *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	u, err := h.store.User(ctx, p.UserID())
	if err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	return gateway.JSON(200, u.View()), nil
}
