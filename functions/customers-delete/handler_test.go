package main

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestCustomerIsDeletedByThoseOfItsProject(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	in := project.Default(user.User{ID: "usr_A", CreatedAt: time.Now()})
	c := customer.New(in.ID, "acme", time.Now())
	if err := s.CreateProject(ctx, in); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateCustomer(ctx, c); err != nil {
		t.Fatal(err)
	}
	status := func(as map[string]any, id string) int {
		t.Helper()
		return gatewaytest.Do(t, gateway.Protected(handler{s}.serve), gatewaytest.Call{
			Method: "DELETE", Resource: "/v1/customers/{id}", Path: map[string]string{"id": id}, Authorizer: as,
		}).Status
	}
	owner, stranger := gatewaytest.User("usr_A", "a@example.com", "member", ""), gatewaytest.User("usr_B", "b@example.com", "member", "")
	expect.Same(t, "a stranger", status(stranger, c.ID), 404)
	expect.Same(t, "the owner", status(owner, c.ID), 204)
	expect.Same(t, "again", status(owner, c.ID), 404)
}
