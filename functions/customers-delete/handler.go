package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	retention time.Duration
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if err := owned.MayManageCustomers(ctx, h.store, p, r.Now); err != nil {
		return gateway.Response{}, err
	}
	_, err := owned.Changed("customer", func() (customer.Customer, error) {
		c, err := owned.AnyCustomer(ctx, h.store, p, r.Path("id"))
		if err != nil {
			return c, err
		}
		return c, owned.Refusal(h.store.DeleteCustomer(ctx, c, audit.New(audit.Deleted, r.Source(p), h.retention)))
	})
	if err != nil {
		return gateway.Response{}, err
	}
	return gateway.NoContent(), nil
}
