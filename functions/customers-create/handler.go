package main

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/newkey"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	retention time.Duration
}

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
	r.Concerns(c.ID)
	c, err = owned.Changed("project", func() (customer.Customer, error) { return h.create(ctx, r, p, body.ProjectID, c) })
	if err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(201, c.View(r.Now)), nil
}

// create makes the customer in the project as it is now. Error: store.ErrConflict if that has changed.
func (h handler) create(ctx context.Context, r *gateway.Request, p gateway.Principal, project string, c customer.Customer) (customer.Customer, error) {
	in, err := owned.Project(ctx, h.store, p, project)
	if err != nil {
		return c, err
	}
	c.Project = in.ID
	entry := audit.New(audit.Created, r.Source(p), h.retention)
	entry.Detail, entry.Personal = c.Terms(), c.Names()
	err = h.store.CreateCustomer(ctx, in, c, entry)
	if errors.Is(err, store.ErrDuplicate) {
		err = problem.Duplicate.WithDetail("The project has a customer with this external_id")
	}
	return c, err
}
