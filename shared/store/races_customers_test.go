package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// A change is a transaction on the item on which the requests of all keys are counted. It must hold:
//
//   - no request is refused for it, and none is counted twice or not at all;
//   - each change gets through, and the log has it;
//   - no check that begins after it was answered that the customer is disabled lets anybody through.
func TestChangesOfACustomerUnderTheLoadOfItsKeysRefuseNoGoodRequestAndGetThrough(t *testing.T) {
	s := patient(t)
	const credits, changes = 1_000_000, 8
	c := newCustomer(t, s, func(c *customer.Customer) { c.Quota = quota.New(credits, quota.Credits, now) })
	keys := keysFor(t, s, c, 10, nil)
	var admitted, refused atomic.Int64
	var off, stop atomic.Bool
	var callers, writers sync.WaitGroup
	for caller := range 50 {
		callers.Go(func() {
			for !stop.Load() {
				disabled := off.Load()
				_, _, err := s.CheckKey(ctx, keys[caller%len(keys)].ID, good, &wide, now)
				switch {
				case err == nil && disabled:
					t.Error("a key is let through after it was answered that its customer is disabled")
				case err == nil:
					admitted.Add(1)
				case errors.Is(err, apikey.ErrDisabled):
					refused.Add(1)
				default:
					t.Errorf("a good request is refused: %v", err)
				}
			}
		})
	}
	for n := range changes {
		writers.Go(func() {
			untilFirst(t, s, c.ID, audit.Updated, func(c *customer.Customer) {
				if c.Metadata == nil {
					c.Metadata = map[string]string{}
				}
				c.Metadata[fmt.Sprint("n", n)] = "x"
			})
		})
	}
	writers.Wait()
	untilFirst(t, s, c.ID, audit.Disabled, func(c *customer.Customer) { c.DisabledAt = &now })
	off.Store(true)
	for before := refused.Load(); refused.Load() < before+100; {
		time.Sleep(time.Millisecond)
	}
	stop.Store(true)
	callers.Wait()
	found := readCustomer(t, s, c.ID)
	expect.Same(t, "changes that hold", len(found.Metadata), changes)
	expect.Same(t, "what is spent, beside what was admitted", credits-found.Quota.Left, admitted.Load())
	expect.Same(t, "the entries in the log", found.ChainSeq, 2+changes)
	logOfCustomer(t, s, c.ID)
}

// untilFirst changes a customer, from what it is then, until nobody else was first.
func untilFirst(t *testing.T, s *store.Store, id, action string, change func(*customer.Customer)) {
	for {
		was, err := s.Customer(ctx, id)
		if err == nil {
			next := was
			next.Metadata = map[string]string{}
			for name, value := range was.Metadata {
				next.Metadata[name] = value
			}
			change(&next)
			err = s.ChangeCustomer(ctx, was, next, entry(action))
		}
		if !errors.Is(err, store.ErrConflict) {
			expect.Same(t, "the error of a change", err, nil)
			return
		}
	}
}

// However many keys a customer has, one transaction turns them off.
func TestDisabledCustomerTurnsOffTenThousandKeysWithOneTransaction(t *testing.T) {
	cfg, table := storetest.Table(t)
	wired, wire := storetest.Over(cfg, table)
	c := newCustomer(t, wired, nil)
	pattern := keysFor(t, wired, c, 1, nil)[0]
	all := copies(t, dynamodb.NewFromConfig(awsenv.Config("DYNAMODB")), table, pattern.ID, 10_000)
	was := readCustomer(t, wired, c.ID)
	next := was
	next.DisabledAt = &now
	wire.Calls()
	expect.Same(t, "the error", wired.ChangeCustomer(ctx, was, next, entry(audit.Disabled)), nil)
	expect.Same(t, "the calls", fmt.Sprint(wire.Calls()), "[TransactWriteItems]")
	var asked sync.WaitGroup
	for some := range slices.Chunk(all, 100) {
		asked.Go(func() {
			for _, id := range some[:20] {
				if _, _, err := wired.CheckKey(ctx, id, good, nil, now); !errors.Is(err, apikey.ErrDisabled) {
					t.Errorf("key %s: %v", id, err)
					return
				}
			}
		})
	}
	asked.Wait()
}

// copies puts copies of a key's item into the table, and returns their ids.
func copies(t *testing.T, db *dynamodb.Client, table, id string, n int) (ids []string) {
	t.Helper()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	out, err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &table, Key: map[string]types.AttributeValue{"pk": text("KEY#" + id), "sk": text("KEY")}})
	if err != nil {
		t.Fatal(err)
	}
	for len(ids) < n {
		var puts []types.WriteRequest
		for range 25 {
			it := map[string]types.AttributeValue{}
			for name, value := range out.Item {
				it[name] = value
			}
			ids = append(ids, apikey.NewID())
			it["id"], it["pk"] = text(ids[len(ids)-1]), text("KEY#"+ids[len(ids)-1])
			puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
		}
		if _, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: puts}}); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

// Of many who make a customer with one external id at once, one does. The others leave nothing.
func TestRacesOfCustomersWithOneExternalIDMakeOne(t *testing.T) {
	play(t, 10, func(h history) {
		in := project.Project{ID: fmt.Sprint("prj_", h.n), Owner: "usr_A", CreatedAt: now}
		if err := h.calm.CreateProject(ctx, in); err != nil {
			h.Fatal(err)
		}
		made, results := make([]customer.Customer, 2+h.IntN(6)), make([]error, 8)
		var all sync.WaitGroup
		for i := range made {
			made[i] = customer.New(in.ID, "acme", now)
			all.Go(func() {
				results[i] = h.answered(func() error { return h.s.CreateCustomer(ctx, in, made[i], entry(audit.Created)) })
			})
		}
		all.Wait()
		named, err := h.calm.CustomerNamed(ctx, in.ID, "acme")
		if err != nil {
			h.wrong("nobody has the external id: %v", err)
		}
		for i, c := range made {
			_, absent := h.calm.AnyCustomer(ctx, c.ID)
			log, err := h.calm.Log(ctx, c.ID)
			is := named.ID == c.ID
			if err != nil || is != (absent == nil) || is != (len(log.Entries) == 1) || !h.lost.Load() && is != (results[i] == nil) {
				h.wrong("customer %d was answered %v; it is there: %v, with %d entries; it has the external id: %t", i, results[i], absent, len(log.Entries), is)
			}
			if !is && !errors.Is(results[i], store.ErrDuplicate) {
				h.wrong("customer %d was answered %v", i, results[i])
			}
		}
	})
}
