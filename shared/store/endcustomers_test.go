package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// customerOf makes a customer in the first project of a user.
func customerOf(t *testing.T, s *store.Store, u user.User, name string) customer.Customer {
	t.Helper()
	in, err := s.Project(t.Context(), user.DefaultProject(u.ID))
	if err != nil {
		t.Fatal(err)
	}
	c := customer.New(in.ID, name, time.Now())
	c.Name = name
	e := storetest.Entry(audit.Created)
	e.Personal = c.Names()
	if err := s.CreateCustomer(t.Context(), in, c, e); err != nil {
		t.Fatal(err)
	}
	return readCustomer(t, s, c.ID)
}

func TestDeletionOfAUserDeletesTheCustomersOfTheirProjectsWhereverTheFunctionDies(t *testing.T) {
	t.Parallel()
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		admin, member := people(t, s)
		mine, others := customerOf(t, s, member, "acme"), customerOf(t, s, admin, "acme")
		u := change(t, s, admin.ID, member.ID, store.Change{Delete: true})
		in := project.Project{ID: mine.Project, Owner: member.ID}
		late := s.CreateCustomer(t.Context(), in, customer.New(mine.Project, "late", time.Now()), storetest.Entry(audit.Created))
		expect.Same(t, "another customer meanwhile is refused", errors.Is(late, store.ErrConflict), true)
		life.Of(func() { _ = s.Erase(t.Context(), u, time.Hour, storetest.Entry, time.Now(), new(store.Ended)) })
		if err := s.Erase(t.Context(), u, time.Hour, storetest.Entry, time.Now(), new(store.Ended)); err != nil && !errors.Is(err, store.ErrNotFound) {
			t.Fatal(err)
		}
		expect.Same(t, "the log", logOfCustomer(t, s, mine.ID), "created without a name, deleted")
		left := readCustomer(t, s, mine.ID)
		expect.Same(t, "what is left of it", fmt.Sprint(left.DeletedAt != nil, left.Erased, left.Name+left.ExternalID == ""), "true true true")
		_, err := s.CustomerNamed(t.Context(), mine.Project, "acme")
		expect.Same(t, "by its external id", errors.Is(err, store.ErrNotFound), true)
		expect.Same(t, "the customer of another", readCustomer(t, s, others.ID).Name, "acme")
	})
}

func TestHandedOverProjectKeepsItsCustomersAndTheirExternalIDs(t *testing.T) {
	s := storetest.New(t)
	admin, member := people(t, s)
	c := customerOf(t, s, member, "acme")
	k := newKey(t, s, func(k *apikey.Key) { k.Owner, k.Project, k.Customer = member.ID, c.Project, c.ID })
	if _, err := s.HandOver(t.Context(), member, admin, time.Now(), storetest.Entry); err != nil {
		t.Fatal(err)
	}
	in, err := s.Project(t.Context(), c.Project)
	expect.Same(t, "whose the project is", fmt.Sprint(in.Owner == admin.ID, err), "true <nil>")
	found, err := s.CustomerNamed(t.Context(), c.Project, "acme")
	expect.Same(t, "by its external id", fmt.Sprint(found.ID == c.ID, err), "true <nil>")
	again := s.CreateCustomer(t.Context(), in, customer.New(in.ID, "acme", time.Now()), storetest.Entry(audit.Created))
	expect.Same(t, "the same external id again", errors.Is(again, store.ErrDuplicate), true)
	_, _, err = s.CheckKey(ctx, k.ID, good, &wide, now)
	expect.Same(t, "its key", err, nil)
	before := project.Project{ID: in.ID, Owner: member.ID}
	late := s.CreateCustomer(t.Context(), before, customer.New(in.ID, "late", time.Now()), storetest.Entry(audit.Created))
	expect.Same(t, "by who read the project before", errors.Is(late, store.ErrConflict), true)
	u := change(t, s, admin.ID, member.ID, store.Change{Delete: true})
	if err := s.Erase(t.Context(), u, time.Hour, storetest.Entry, time.Now(), new(store.Ended)); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the customer, after the former owner was deleted", readCustomer(t, s, c.ID).Name, "acme")
}
