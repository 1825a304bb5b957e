package main

import (
	"testing"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestCustomerIsDeletedByThoseOfItsProject(t *testing.T) {
	s := storetest.New(t)
	c := storetest.Customer(t, s, "usr_A", nil)
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
