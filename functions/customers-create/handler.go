package main

import (
	"context"
	"errors"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/newkey"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	var body newkey.Customer
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	c, err := body.Read(r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	if err := owned.MayManageCustomers(ctx, h.store, p, r.Now); err != nil {
		return gateway.Response{}, err
	}
	in, err := owned.Project(ctx, h.store, p, body.ProjectID)
	if err != nil {
		return gateway.Response{}, err
	}
	c.Project = in.ID
	r.Concerns(c.ID)
	switch err := h.store.CreateCustomer(ctx, c); {
	case errors.Is(err, store.ErrDuplicate):
		return gateway.Response{}, problem.Duplicate.WithDetail("The project has a customer with this external_id")
	case err != nil:
		return gateway.Response{}, err
	}
	return gateway.JSON(201, c.View(r.Now)), nil
}
