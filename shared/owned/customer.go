package owned

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

// Customer returns the customer with that id, or RESOURCE_NOT_FOUND. A person reaches the customers of their
// projects, and a key those of its own.
func Customer(ctx context.Context, s *store.Store, p gateway.Principal, id string) (customer.Customer, error) {
	c, err := AnyCustomer(ctx, s, p, id)
	if err == nil && c.DeletedAt != nil {
		err = problem.NotFound
	}
	return c, err
}

// AnyCustomer is Customer, and returns also what is left of one that was deleted.
func AnyCustomer(ctx context.Context, s *store.Store, p gateway.Principal, id string) (customer.Customer, error) {
	if !customer.ValidID(id) {
		return customer.Customer{}, problem.NotFound
	}
	c, err := s.AnyCustomer(ctx, id)
	if err != nil {
		return c, Refusal(err)
	}
	if p.Type() != gateway.User {
		if c.Project != p.Project() {
			return c, problem.NotFound
		}
		return c, nil
	}
	in, err := s.Project(ctx, c.Project)
	if err == nil && !p.Oversees(in.Owner, in.ID) {
		err = problem.NotFound
	}
	return c, Refusal(err)
}

// MayManageCustomers refuses a key that was itself made for a customer: it would free itself of what bounds it.
func MayManageCustomers(ctx context.Context, s *store.Store, p gateway.Principal, now time.Time) error {
	if p.Type() == gateway.User {
		return nil
	}
	by, err := Maker(ctx, s, p, ratelimit.Limits{}, now)
	if err == nil && by.Key.Customer != "" {
		return problem.Forbidden.WithDetail("A customer's key may not manage customers")
	}
	return err
}
