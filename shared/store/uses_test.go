package store_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// A printer numbers uses as a process does.
type printer struct {
	process string
	n       int64
}

func newPrinter() *printer { return &printer{process: rand.Text()} }

func (p *printer) use(k apikey.Key, change func(*audit.Use)) audit.Use {
	p.n++
	u := audit.Use{
		Process: p.process, Number: p.n, KeyID: k.ID, Owner: k.Owner, Project: k.Project, Proven: true,
		API: "abc/prod", Address: "192.0.2.7", Route: "GET /api/stats", UserAgent: "test", RequestID: "r", At: now,
	}
	if change != nil {
		change(&u)
	}
	return u
}

// uses are n of a key's, every third refused.
func (p *printer) uses(k apikey.Key, n int) (all []audit.Use) {
	for i := range n {
		all = append(all, p.use(k, func(u *audit.Use) { u.Refused = i%3 == 2 }))
	}
	return all
}

func count(t *testing.T, s *store.Store, uses ...audit.Use) int {
	t.Helper()
	n, err := s.CountUses(ctx, uses, time.Hour, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// entriesOf are the uses in a key's log.
func entriesOf(t *testing.T, s *store.Store, keyID string) (found []audit.Entry) {
	t.Helper()
	for page := (store.Page{Limit: 100}); ; {
		entries, next, err := s.AuditLog(ctx, keyID, page, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Action == audit.Used || e.Action == audit.Refused {
				found = append(found, e)
			}
		}
		if next == "" {
			return found
		}
		page.After = next
	}
}

// wantUses compares the one entry that a key's uses have made.
func wantUses(t *testing.T, s *store.Store, keyID string, uses, refusals int) {
	t.Helper()
	entries := entriesOf(t, s, keyID)
	if len(entries) != 1 {
		t.Fatalf("%d entries, want 1: %+v", len(entries), entries)
	}
	expect.Same(t, "the number of uses in the log", entries[0].Count, uses)
	expect.Same(t, "the number of refused ones", entries[0].Refusals, refusals)
}

func TestUseIsCountedOnceHoweverOftenAndInWhateverBatchesItComes(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	all := newPrinter().uses(k, 90)
	added := count(t, s, all[:30]...)
	added += count(t, s, all[20:50]...)                           // split otherwise
	added += count(t, s, all[:30]...)                             // once more
	added += count(t, s, append(all[70:90:90], all[60:75]...)...) // out of order, and twice in one
	added += count(t, s, all...)
	if added != 90 {
		t.Errorf("it says that it added %d, want 90", added)
	}
	wantUses(t, s, k.ID, 90, 30)
}

func TestUsesOfTwoProcessesAreNotTakenForEachOthers(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	one, two := newPrinter(), newPrinter()
	count(t, s, append(one.uses(k, 3), two.uses(k, 3)...)...)
	wantUses(t, s, k.ID, 6, 2)
}

func TestEachHourAPIAddressAndRouteHasAnEntry(t *testing.T) {
	s, p := storetest.New(t), newPrinter()
	k := newKey(t, s, nil)
	count(t, s, p.use(k, nil), p.use(k, func(u *audit.Use) { u.UserAgent = "another" }),
		p.use(k, func(u *audit.Use) { u.At = now.Add(time.Hour) }),
		p.use(k, func(u *audit.Use) { u.API = "abc/test" }),
		p.use(k, func(u *audit.Use) { u.Address = "192.0.2.8" }),
		p.use(k, func(u *audit.Use) { u.Route = "POST /api/stats" }),
		p.use(k, func(u *audit.Use) { u.Proven, u.Refused = false, true }),
		p.use(k, func(u *audit.Use) { u.Proven, u.Refused, u.Address, u.API = false, true, "192.0.2.9", "x/y" }))
	entries := entriesOf(t, s, k.ID)
	if len(entries) != 6 {
		t.Fatalf("%d entries, want 6: %+v", len(entries), entries)
	}
	if !entries[0].At.Equal(now.Add(time.Hour).Truncate(time.Hour)) {
		t.Errorf("the newest is of %v", entries[0].At)
	}
	i := slices.IndexFunc(entries, func(e audit.Entry) bool { return e.Action == audit.Refused })
	if i < 0 {
		t.Fatalf("no entry of wrong secrets among %+v", entries)
	}
	expect.Same(t, "the number of wrong secrets", entries[i].Count, 2)
	expect.Same(t, "the type of their actor", entries[i].Actor.Type, "unknown")
	expect.Same(t, "the id of their actor", entries[i].Actor.ID, "")
	i = slices.IndexFunc(entries, func(e audit.Entry) bool { return e.Count == 2 && e.Action == audit.Used })
	want := audit.Entry{
		ID: entries[i].ID, KeyID: k.ID, Owner: k.Owner, Project: k.Project, At: now.Truncate(time.Hour), Action: audit.Used,
		Actor: audit.Actor{Type: "key", ID: k.ID}, Address: "192.0.2.7", UserAgent: "test", RequestID: "r",
		API: "abc/prod", Route: "GET /api/stats", Count: 2, ExpiresAt: audit.Moment(now.Add(time.Hour).Unix()),
	}
	if got := fmt.Sprintf("%+v", entries[i]); got != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %s\nwant %+v", got, want)
	}
}

func TestManyKeysInOneDeliveryAreCountedInSeveralTransactions(t *testing.T) {
	s, p := storetest.New(t), newPrinter()
	var all []audit.Use
	for i := range 250 {
		k := apikey.Key{ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A"}
		all = append(all, p.uses(k, 1+i%3)...)
	}
	if n := count(t, s, all...); n != len(all) {
		t.Errorf("added %d of %d", n, len(all))
	}
	if n := count(t, s, all...); n != 0 {
		t.Errorf("and %d again", n)
	}
	for _, u := range all {
		entries := entriesOf(t, s, u.KeyID)
		if len(entries) != 1 {
			t.Fatalf("%s: %d entries, want 1: %+v", u.KeyID, len(entries), entries)
		}
		expect.Same(t, "the owner of "+u.KeyID, entries[0].Owner, "usr_A")
		expect.Same(t, "the project of "+u.KeyID, entries[0].Project, "prj_A")
	}
}

func TestUseIsCountedOnceThoughAnAnswerIsLost(t *testing.T) {
	all := maps.Clone(failures)
	all["lost answer"] = storetest.Lost
	for name, fault := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for before := range 3 { // which of the calls fails: reading, writing, or the next read
				s, wire := storetest.Wired(t)
				k := newKey(t, s, nil)
				wire.Fail(append(make([]storetest.Fault, before), fault)...)
				if n := count(t, s, newPrinter().uses(k, 3)...); n != 3 {
					t.Errorf("call %d: added %d", before, n)
				}
				wantUses(t, s, k.ID, 3, 1)
			}
		})
	}
}

func TestWhatIsGivenUpIsCountedWhenItComesAgain(t *testing.T) {
	s, wire := storetest.Wired(t)
	k := newKey(t, s, nil)
	all := newPrinter().uses(k, 9)
	wire.Fail(storetest.Repeat(1000, storetest.Refuse(400, "ThrottlingException"))...)
	short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
	defer cancel()
	if _, err := s.CountUses(short, all, time.Hour, now); err == nil {
		t.Fatal("it says that it counted what it could not write")
	}
	wire.Fail()
	count(t, s, all...)
	wantUses(t, s, k.ID, 9, 3)
}

// Deliveries of many processes add to the same entry at once, each twice, as on AWS.
func TestConcurrentDeliveriesOnOneEntryLoseNothingAndCountNothingTwice(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	const processes, each = 12, 40
	var all sync.WaitGroup
	for range processes {
		uses := newPrinter().uses(k, each)
		for range 2 {
			all.Go(func() {
				for rest := uses; len(rest) > 0; {
					n := min(1+mathrand.IntN(10), len(rest))
					if _, err := s.CountUses(ctx, rest[:n], time.Hour, now.Add(time.Hour)); err != nil {
						t.Error(err)
					}
					rest = rest[n:]
				}
			})
		}
	}
	all.Wait()
	wantUses(t, s, k.ID, processes*each, processes*(each/3))
}
