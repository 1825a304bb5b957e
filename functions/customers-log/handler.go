package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/paging"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	page, err := paging.Read(r)
	if err != nil {
		return gateway.Response{}, err
	}
	c, err := owned.AnyCustomer(ctx, h.store, p, r.Path("id"))
	if err != nil {
		return gateway.Response{}, err
	}
	entries, next, err := h.store.CustomerLog(ctx, c.ID, page, r.Now)
	return paging.Log(entries, next, c.Head, err)
}
