package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/newkey"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	retention time.Duration
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	var body newkey.CustomerChange
	if err := r.MergePatch(&body); err != nil {
		return gateway.Response{}, err
	}
	if err := owned.MayManageCustomers(ctx, h.store, p, r.Now); err != nil {
		return gateway.Response{}, err
	}
	c, err := owned.Changed("customer", func() (customer.Customer, error) { return h.change(ctx, r, p, body) })
	if err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(200, c.View(r.Now)), nil
}

// change makes the change once. Error: store.ErrConflict if somebody else was first.
func (h handler) change(ctx context.Context, r *gateway.Request, p gateway.Principal, body newkey.CustomerChange) (customer.Customer, error) {
	was, err := owned.Customer(ctx, h.store, p, r.Path("id"))
	if err != nil {
		return was, err
	}
	next, err := body.Of(was, r.Now)
	if err != nil {
		return next, err
	}
	entry := audit.New(action(was, next), r.Source(p), h.retention)
	entry.Detail = audit.Differences(was.Terms(), next.Terms())
	entry.Personal = audit.Differences(was.Names(), next.Names())
	if entry.Action == audit.Updated && len(entry.Detail)+len(entry.Personal) == 0 {
		return was, nil
	}
	return next, h.store.ChangeCustomer(ctx, was, next, entry)
}

// action is what the log calls a change.
func action(was, next customer.Customer) string {
	switch {
	case was.DisabledAt == nil && next.DisabledAt != nil:
		return audit.Disabled
	case was.DisabledAt != nil && next.DisabledAt == nil:
		return audit.Enabled
	}
	return audit.Updated
}
