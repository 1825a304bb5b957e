package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func newCustomer(t *testing.T, s *store.Store, change func(*customer.Customer)) customer.Customer {
	t.Helper()
	c := customer.New("prj_A", "external "+apikey.NewID(), now)
	if change != nil {
		change(&c)
	}
	if err := createCustomer(t, s, c); err != nil {
		t.Fatal(err)
	}
	return readCustomer(t, s, c.ID)
}

// createCustomer makes a customer of a project of usr_A.
func createCustomer(t *testing.T, s *store.Store, c customer.Customer) error {
	t.Helper()
	in := project.Project{ID: c.Project, Owner: "usr_A", CreatedAt: now}
	if err := s.CreateProject(ctx, in); err != nil {
		t.Fatal(err)
	}
	return s.CreateCustomer(ctx, in, c, entry(audit.Created))
}

func readCustomer(t *testing.T, s *store.Store, id string) customer.Customer {
	t.Helper()
	c, err := s.AnyCustomer(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// changeCustomer changes a customer as it is now.
func changeCustomer(t *testing.T, s *store.Store, id string, change func(*customer.Customer)) {
	t.Helper()
	was := readCustomer(t, s, id)
	next := was
	change(&next)
	if err := s.ChangeCustomer(ctx, was, next, entry(audit.Updated)); err != nil {
		t.Fatal(err)
	}
}

func deleteCustomer(t *testing.T, s *store.Store, id string) {
	t.Helper()
	if err := s.DeleteCustomer(ctx, readCustomer(t, s, id), entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
}

func keysFor(t *testing.T, s *store.Store, c customer.Customer, n int, change func(*apikey.Key)) (all []apikey.Key) {
	t.Helper()
	for range n {
		all = append(all, newKey(t, s, func(k *apikey.Key) {
			if k.Customer = c.ID; change != nil {
				change(k)
			}
		}))
	}
	return all
}

// crowdOver has 50 callers use the keys in turns at once, and counts those admitted.
func crowdOver(t *testing.T, s *store.Store, keys []apikey.Key, limit *ratelimit.Limit, now time.Time) int {
	t.Helper()
	var admitted atomic.Int32
	var all sync.WaitGroup
	for caller := range 50 {
		all.Go(func() {
			_, _, err := s.CheckKey(ctx, keys[caller%len(keys)].ID, good, limit, now)
			switch {
			case err == nil:
				admitted.Add(1)
			case !errors.Is(err, store.ErrLimited) && !errors.Is(err, store.ErrQuota):
				t.Errorf("neither admitted nor refused: %v", err)
			}
		})
	}
	all.Wait()
	return int(admitted.Load())
}

func TestLimitAndQuotaOfACustomerAreSharedExactlyByItsKeys(t *testing.T) {
	month := now.AddDate(0, 1, 0)
	for name, row := range map[string]struct {
		change func(*customer.Customer)
		limit  *ratelimit.Limit
		now    time.Time
	}{
		"a limit":                  {func(c *customer.Customer) { c.Read = 20 }, &wide, now},
		"credits":                  {func(c *customer.Customer) { c.Quota = quota.New(20, quota.Credits, now) }, &wide, now},
		"a month":                  {func(c *customer.Customer) { c.Quota = quota.New(20, quota.Month, now) }, &wide, now},
		"a month that begins":      {func(c *customer.Customer) { c.Quota = quota.New(20, quota.Month, now) }, &wide, month},
		"a month, nothing limited": {func(c *customer.Customer) { c.Quota = quota.New(20, quota.Month, now) }, nil, now},
	} {
		s := patient(t)
		c := newCustomer(t, s, row.change)
		own := func(k *apikey.Key) { k.Quota = quota.New(1000, quota.Credits, now) }
		keys := keysFor(t, s, c, 10, own)
		expect.Same(t, name+": admitted of 50 over ten keys", crowdOver(t, s, keys, row.limit, row.now), 20)
		spent := int64(0)
		for _, k := range keys {
			found, err := s.Key(ctx, k.ID)
			if err != nil {
				t.Fatal(err)
			}
			spent += 1000 - found.Quota.Left
		}
		expect.Same(t, name+": what the keys' own quotas have spent after the refusals of the customer's", spent, 20)
	}
}

func TestRefusalOfAKeysOwnLimitTakesNothingFromItsCustomer(t *testing.T) {
	s := patient(t)
	c := newCustomer(t, s, func(c *customer.Customer) { c.Quota = quota.New(100, quota.Month, now) })
	keys := keysFor(t, s, c, 10, func(k *apikey.Key) { k.Read = 2 })
	expect.Same(t, "admitted, two a key", crowdOver(t, s, keys, &reading, now), 20)
	found, err := s.Customer(ctx, c.ID)
	expect.Same(t, "the error", err, nil)
	expect.Same(t, "what is left of the customer's quota", found.Quota.Left, 80)
}

func TestKeyGetsItsLimitBackThatItsCustomerRefused(t *testing.T) {
	s := patient(t)
	c := newCustomer(t, s, func(c *customer.Customer) { c.Quota = quota.New(1, quota.Credits, now) })
	k := keysFor(t, s, c, 1, nil)[0]
	for range 5 {
		_, _, _ = s.CheckKey(ctx, k.ID, good, &reading, now)
	}
	changeCustomer(t, s, c.ID, func(c *customer.Customer) { c.Quota = quota.New(10, quota.Credits, now) })
	_, state, err := s.CheckKey(ctx, k.ID, good, &reading, now)
	expect.Same(t, "the error", err, nil)
	expect.Same(t, "what is left of the key's limit", state.Remaining, reading.Max-2)
	expect.Same(t, "what is left of the customer's credits", state.Quota.Remaining, 9)
}

func TestDisabledOrDeletedCustomerTurnsOffItsKeysWithTheNextRequest(t *testing.T) {
	for name, limit := range map[string]*ratelimit.Limit{"limited": &reading, "unlimited": nil} {
		s := patient(t)
		c := newCustomer(t, s, nil)
		keys := keysFor(t, s, c, 3, nil)
		other := newKey(t, s, nil)
		check := func(k apikey.Key) error { _, _, err := s.CheckKey(ctx, k.ID, good, limit, now); return err }
		all := func(what string, want error) {
			t.Helper()
			for _, k := range keys {
				for range 2 { // also once the process knows the customer
					if err := check(k); !errors.Is(err, want) {
						t.Errorf("%s, %s: %v, want %v", name, what, err, want)
					}
				}
				token := clientToken(k.ID, 1)
				if _, _, err := s.CheckToken(ctx, token, store.Count{Limit: limit, Cost: 1}, now); !errors.Is(err, want) {
					t.Errorf("%s, %s, a token: %v, want %v", name, what, err, want)
				}
			}
			expect.Same(t, name+", "+what+": another key", check(other), nil)
		}
		all("enabled", nil)
		changeCustomer(t, s, c.ID, func(c *customer.Customer) { c.DisabledAt = &now })
		all("disabled", apikey.ErrDisabled)
		changeCustomer(t, s, c.ID, func(c *customer.Customer) { c.DisabledAt = nil })
		all("enabled again", nil)
		deleteCustomer(t, s, c.ID)
		all("deleted", apikey.ErrRevoked)
		again := s.DeleteCustomer(ctx, readCustomer(t, s, c.ID), entry(audit.Deleted))
		expect.Same(t, name+": deleted again", errors.Is(again, store.ErrNotFound), true)
		_, err := s.Customer(ctx, c.ID)
		expect.Same(t, name+": read", errors.Is(err, store.ErrNotFound), true)
	}
}

func TestExternalIDIsUniqueInItsProject(t *testing.T) {
	s := patient(t)
	c := newCustomer(t, s, nil)
	same := customer.New("prj_A", c.ExternalID, now)
	expect.Same(t, "the same one", errors.Is(createCustomer(t, s, same), store.ErrDuplicate), true)
	expect.Same(t, "in another project", createCustomer(t, s, customer.New("prj_B", c.ExternalID, now)), nil)
	found, err := s.CustomerNamed(ctx, "prj_A", c.ExternalID)
	expect.Same(t, "it is found", fmt.Sprint(found.ID, err), c.ID+"<nil>")
	deleteCustomer(t, s, c.ID)
	expect.Same(t, "once it is deleted", createCustomer(t, s, same), nil)
}

func TestKeyIsMadeForACustomerOfItsProjectThatThereIs(t *testing.T) {
	s := patient(t)
	c := newCustomer(t, s, nil)
	try := func(project, id string) error {
		k := apikey.Key{
			ID: apikey.NewID(), Type: apikey.Scoped, Owner: "usr_A", Project: project, Customer: id,
			Scopes: []string{"read:stats"}, Hash: "1:hash", Generation: 1, CreatedAt: now,
		}
		return s.CreateKey(ctx, k, entry(audit.Created))
	}
	expect.Same(t, "a key", try("prj_A", c.ID), nil)
	for name, err := range map[string]error{"of another project": try("prj_B", c.ID), "of nobody": try("prj_A", "cus_X")} {
		expect.Same(t, name+": refused", err != nil, true)
	}
	k := keysFor(t, s, c, 1, nil)[0]
	storetest.AwaitIndex()
	list, _, err := s.KeysOfCustomer(ctx, c.ID, store.Page{Limit: 10})
	expect.Same(t, "its keys", fmt.Sprint(len(list), err), "2 <nil>")
	everybodys, _, err := s.AllKeys(ctx, store.Page{Limit: 10})
	expect.Same(t, "the keys of everybody, each once", fmt.Sprint(len(everybodys), err), "2 <nil>")
	k, err = s.Key(ctx, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteKey(ctx, k, entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
	storetest.AwaitIndex()
	list, _, err = s.KeysOfCustomer(ctx, c.ID, store.Page{Limit: 10})
	expect.Same(t, "its keys, after one was deleted", fmt.Sprint(len(list), err), "1 <nil>")
	deleteCustomer(t, s, c.ID)
	expect.Same(t, "a key of a deleted customer", errors.Is(try("prj_A", c.ID), store.ErrConflict), true)
}

func TestCustomersKeyTakesTwoCallsAndAllOthersOne(t *testing.T) {
	s, wire := storetest.Wired(t)
	plain, limited := newCustomer(t, s, nil), newCustomer(t, s, func(c *customer.Customer) { c.Read = 5 })
	for _, row := range []struct {
		name  string
		k     apikey.Key
		limit *ratelimit.Limit
		calls string
	}{
		{"of nobody", newKey(t, s, nil), &wide, "[UpdateItem]"},
		{"of a customer with a limit", keysFor(t, s, limited, 1, nil)[0], &wide, "[UpdateItem UpdateItem]"},
		{"of a customer with a limit, not limited", keysFor(t, s, limited, 1, nil)[0], nil, "[GetItem GetItem]"},
		{"of a plain customer, the first time", keysFor(t, s, plain, 1, nil)[0], &wide, "[UpdateItem UpdateItem]"},
		{"of a plain customer", keysFor(t, s, plain, 1, nil)[0], &wide, "[UpdateItem GetItem]"},
	} {
		wire.Calls()
		_, _, err := s.CheckKey(ctx, row.k.ID, good, row.limit, now)
		expect.Same(t, row.name+": the error", err, nil)
		expect.Same(t, row.name, fmt.Sprint(wire.Calls()), row.calls)
	}
}

// What a process knows of a customer is as old as its last request, and what it reads decides.
func TestCustomerThatGetsALimitIsLimitedByTheNextRequest(t *testing.T) {
	s := patient(t)
	c := newCustomer(t, s, nil)
	k := keysFor(t, s, c, 1, nil)[0]
	for range 3 {
		_, _, err := s.CheckKey(ctx, k.ID, good, &reading, now)
		expect.Same(t, "before", err, nil)
	}
	changeCustomer(t, s, c.ID, func(c *customer.Customer) { c.Quota = quota.New(1, quota.Month, now) })
	_, _, err := s.CheckKey(ctx, k.ID, good, &reading, now)
	expect.Same(t, "the first", err, nil)
	_, _, err = s.CheckKey(ctx, k.ID, good, &reading, now)
	expect.Same(t, "the second is over the quota", errors.Is(err, store.ErrQuota), true)
}
