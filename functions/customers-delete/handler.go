package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if err := owned.MayManageCustomers(ctx, h.store, p, r.Now); err != nil {
		return gateway.Response{}, err
	}
	c, err := owned.Customer(ctx, h.store, p, r.Path("id"))
	if err != nil {
		return gateway.Response{}, err
	}
	if err := h.store.DeleteCustomer(ctx, c, r.Now); err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	return gateway.NoContent(), nil
}
