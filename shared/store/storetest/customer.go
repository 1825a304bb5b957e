package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// Customer makes the first project of a user, with a customer that change has changed, if it is not nil.
func Customer(t testing.TB, s *store.Store, owner string, change func(*customer.Customer)) customer.Customer {
	t.Helper()
	in := project.Default(user.User{ID: owner, CreatedAt: time.Now()})
	c := customer.New(in.ID, "acme", time.Now())
	if change != nil {
		change(&c)
	}
	if err := s.CreateProject(context.Background(), in); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateCustomer(context.Background(), in, c, Entry(audit.Created)); err != nil {
		t.Fatal(err)
	}
	return c
}
