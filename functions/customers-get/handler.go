package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	c, err := owned.Customer(ctx, h.store, p, r.Path("id"))
	if err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(200, c.View(r.Now)), nil
}
