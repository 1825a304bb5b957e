package store_test

import (
	"cmp"
	"slices"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// oldUse writes an entry as the release before USES# did, among the key's lifecycle.
func oldUse(t *testing.T, s *store.Store, k apikey.Key, at time.Time, count int) audit.Entry {
	t.Helper()
	e := audit.Entry{
		ID: ulid.MustNew(ulid.Timestamp(at.Truncate(time.Hour)), ulid.DefaultEntropy()).String(), At: at.Truncate(time.Hour),
		Action: audit.Used, Actor: audit.Actor{Type: "key", ID: k.ID}, Address: "192.0.2.1", Route: "GET /old", Count: count,
		ExpiresAt: audit.Moment(now.Add(time.Hour).Unix()),
	}
	if err := s.PutEntry(ctx, k, e); err != nil {
		t.Fatal(err)
	}
	return e
}

// logOf reads a key's whole log in pages.
func logOf(t *testing.T, s *store.Store, keyID string, limit int) (all []audit.Entry) {
	t.Helper()
	for page := (store.Page{Limit: limit}); ; {
		entries, next, err := s.AuditLog(ctx, keyID, page, now)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) > limit {
			t.Fatalf("a page of %d has %d entries", limit, len(entries))
		}
		all = append(all, entries...)
		if next == "" {
			return all
		}
		page.After = next
	}
}

func TestLogIsOneListOfLifecycleAndUsesOldAndNew(t *testing.T) {
	s, p := storetest.New(t), newPrinter()
	k := newKey(t, s, nil)
	want := 1 // created
	for i := range 7 {
		at := now.Add(time.Duration(i-5) * time.Hour)
		e := audit.New(audit.TokenIssued, audit.Source{Now: at.Add(30 * time.Minute)}, 48*time.Hour)
		if err := s.PutEntry(ctx, k, e); err != nil {
			t.Fatal(err)
		}
		oldUse(t, s, k, at, 3)
		for _, route := range []string{"GET /a", "GET /b", "GET /c"}[:i%4] {
			if _, err := s.CountUses(ctx, []audit.Use{p.use(k, func(u *audit.Use) { u.At, u.Route = at, route })}, 48*time.Hour, now); err != nil {
				t.Fatal(err)
			}
			want++
		}
		want += 2
	}
	whole := logOf(t, s, k.ID, 100)
	if len(whole) != want {
		t.Fatalf("%d entries, want %d", len(whole), want)
	}
	if !slices.IsSortedFunc(whole, func(a, b audit.Entry) int { return cmp.Compare(b.ID, a.ID) }) {
		t.Error("they are not newest first")
	}
	for limit := 1; limit <= want+1; limit++ {
		got := logOf(t, s, k.ID, limit)
		if !slices.EqualFunc(got, whole, func(a, b audit.Entry) bool { return a.ID == b.ID }) {
			t.Fatalf("in pages of %d there are %d entries, not the %d in their order", limit, len(got), want)
		}
	}
}

func TestOldUseEntryKeepsItsMeaningBesideNewOnes(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	old := oldUse(t, s, k, now, 5)
	count(t, s, newPrinter().uses(k, 3)...)
	entries := entriesOf(t, s, k.ID)
	if len(entries) != 2 {
		t.Fatalf("%d entries, want the old and the new", len(entries))
	}
	i := slices.IndexFunc(entries, func(e audit.Entry) bool { return e.ID == old.ID })
	if i < 0 {
		t.Fatalf("the old one is not among %+v", entries)
	}
	expect.Same(t, "the old one's count", entries[i].Count, 5)
	expect.Same(t, "the old one's route", entries[i].Route, "GET /old")
	expect.Same(t, "the old one's API", entries[i].API, "")
	if !entries[i].At.Equal(old.At) {
		t.Errorf("the old one is of %v, want %v", entries[i].At, old.At)
	}
}

func TestCursorOfTheReleaseBeforeGoesOn(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	newer, older := oldUse(t, s, k, now, 1), oldUse(t, s, k, now.Add(-time.Hour), 1)
	cursor := store.Cursor(encode(`{"pk":"KEY#` + k.ID + `","sk":"AUDIT#` + newer.ID + `"}`))
	entries, _, err := s.AuditLog(ctx, k.ID, store.Page{After: cursor, Limit: 10}, now)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Fatalf("%d entries, want 1: %+v", len(entries), entries)
	}
	expect.Same(t, "the entry after the cursor", entries[0].ID, older.ID)
}

func TestUsesAndTheirLogOutliveTheKey(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	if err := s.DeleteKey(ctx, k, entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
	count(t, s, newPrinter().uses(k, 3)...) // that were printed before, and come after
	wantUses(t, s, k.ID, 3, 1)
}
