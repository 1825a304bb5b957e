package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/authz"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, _ *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	u, err := h.store.User(ctx, p.UserID())
	if err != nil {
		return gateway.Response{}, authz.Refusal(err)
	}
	return gateway.JSON(200, u.View()), nil
}
