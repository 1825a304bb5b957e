package main

import (
	"context"
	"reflect"

	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/newkey"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

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
	if err != nil || reflect.DeepEqual(was, next) {
		return next, err
	}
	return next, h.store.ChangeCustomer(ctx, was, next)
}
