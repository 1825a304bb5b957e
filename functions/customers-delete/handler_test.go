package main

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// end asks for the deletion of a customer, and returns the status.
func end(t *testing.T, s *store.Store, as map[string]any, id string) int {
	t.Helper()
	return gatewaytest.Do(t, gateway.Protected(handler{s, time.Hour}.serve), gatewaytest.Call{
		Method: "DELETE", Resource: "/v1/customers/{id}", Path: map[string]string{"id": id}, Authorizer: as,
	}).Status
}

func someone(id string) map[string]any { return gatewaytest.User(id, "a@example.com", "member", "") }

func TestCustomerIsDeletedByThoseOfItsProject(t *testing.T) {
	s := storetest.New(t)
	c := storetest.Customer(t, s, "usr_A", nil)
	expect.Same(t, "a stranger", end(t, s, someone("usr_B"), c.ID), 404)
	expect.Same(t, "the owner", end(t, s, someone("usr_A"), c.ID), 204)
	expect.Same(t, "again", end(t, s, someone("usr_A"), c.ID), 404)
	entries, _, err := s.CustomerLog(t.Context(), c.ID, store.Page{Limit: 1}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the log ends with", entries[0].Action, audit.Deleted)
	expect.Same(t, "by", entries[0].Actor.ID, "usr_A")
}

func TestOfDeletionsAtOnceTheLogHasOne(t *testing.T) {
	s := storetest.New(t)
	c := storetest.Customer(t, s, "usr_A", nil)
	var gone atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if status := end(t, s, someone("usr_A"), c.ID); status == 204 {
				gone.Add(1)
			} else {
				expect.Same(t, "the status of another", status, 404)
			}
		})
	}
	all.Wait()
	expect.Same(t, "one at least was answered that it did", gone.Load() > 0, true)
	c, err := s.AnyCustomer(t.Context(), c.ID)
	expect.Same(t, "the error", err, nil)
	expect.Same(t, "the changes in the log", c.ChainSeq, 2)
}
