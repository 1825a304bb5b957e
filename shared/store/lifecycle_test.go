package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestEveryChangeOfAKeyIsInItsLogAlsoAfterDeletion(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	next, err := s.RegenerateKey(ctx, k, "1:next", 0, entry(audit.Regenerated))
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the generation of the new secret", next.Generation, 2)
	if _, err := s.RevokeKey(ctx, k, entry(audit.Revoked)); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteKey(ctx, k, entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
	got := actions(t, s, k.ID)
	slices.Sort(got) // all of one millisecond
	if want := []string{"created", "deleted", "regenerated", "revoked"}; !slices.Equal(got, want) {
		t.Errorf("the log says %v", got)
	}
}

// An entry whose id is taken cannot be written; then the change must not be either.
func TestChangeWithoutItsEntryDoesNotHappen(t *testing.T) {
	s := storetest.New(t)
	taken := entry(audit.Created)
	k := apikey.Key{ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A", Hash: "1:hash", Generation: 1, CreatedAt: now}
	if err := s.CreateKey(ctx, k, taken); err != nil {
		t.Fatal(err)
	}
	before := key(s, k)
	if _, err := s.RevokeKey(ctx, k, taken); err == nil {
		t.Error("revoked without an entry")
	}
	if _, err := s.RegenerateKey(ctx, k, "1:next", 0, taken); err == nil {
		t.Error("regenerated without an entry")
	}
	if err := s.DeleteKey(ctx, k, taken); err == nil {
		t.Error("deleted without an entry")
	}
	if after := key(s, k); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("changed:\n%+v\n%+v", before, after)
	}
}

func TestRefusedChangeLeavesNoEntry(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	first, err := s.RevokeKey(ctx, k, entry(audit.Revoked))
	if err != nil {
		t.Fatal(err)
	}
	again := entry(audit.Revoked)
	again.At = now.Add(time.Hour)
	second, err := s.RevokeKey(ctx, k, again)
	if err != nil {
		t.Fatal(err)
	}
	if !second.RevokedAt.Equal(*first.RevokedAt) {
		t.Errorf("revoked again, it was revoked at %v, want %v", second.RevokedAt, first.RevokedAt)
	}
	if _, err := s.RegenerateKey(ctx, k, "1:next", 0, entry(audit.Regenerated)); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a revoked key was regenerated: %v", err)
	}
	if err := s.CreateKey(ctx, k, entry(audit.Created)); !errors.Is(err, store.ErrDuplicate) {
		t.Errorf("created twice: %v", err)
	}
	if got := actions(t, s, k.ID); len(got) != 2 {
		t.Errorf("the log says %v", got)
	}
}

func TestChangeOfAKeyThatIsGoneSaysSo(t *testing.T) {
	s := storetest.New(t)
	gone := apikey.Key{ID: apikey.NewID(), Generation: 1}
	if _, err := s.RevokeKey(ctx, gone, entry(audit.Revoked)); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if _, err := s.RegenerateKey(ctx, gone, "1:next", 0, entry(audit.Regenerated)); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if err := s.DeleteKey(ctx, gone, entry(audit.Deleted)); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if _, err := s.Key(ctx, gone.ID); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if got := actions(t, s, gone.ID); len(got) != 0 {
		t.Errorf("the log says %v", got)
	}
}

func TestOfConcurrentRegenerationsOneWins(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	var won, lost atomic.Int32
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			_, err := s.RegenerateKey(ctx, k, fmt.Sprintf("1:next%d", i), 0, entry(audit.Regenerated))
			switch {
			case err == nil:
				won.Add(1)
			case errors.Is(err, store.ErrConflict):
				lost.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	expect.Same(t, "the number of changes", won.Load(), 1)
	expect.Same(t, "the number of conflicts", lost.Load(), 9)
}

func TestOldSecretDiesWithTheGrace(t *testing.T) {
	for _, limited := range []bool{false, true} {
		s := storetest.New(t)
		k := newKey(t, s, nil)
		check := func(hash string, at time.Time) error {
			limit := &reading
			if !limited {
				limit = nil
			}
			_, _, err := s.CheckKey(ctx, k.ID, []string{hash}, limit, at)
			return err
		}
		generation := func(n int, at time.Time) error {
			_, _, err := s.CheckToken(ctx, clientToken(k.ID, n), store.Count{Limit: &reading, Cost: 1}, at)
			return err
		}
		k2, err := s.RegenerateKey(ctx, k, "1:second", now.Unix()+10, entry(audit.Regenerated))
		if err != nil {
			t.Fatal(err)
		}
		last, over := now.Add(9*time.Second), now.Add(10*time.Second)
		for _, fact := range []struct {
			what      string
			got, want error
		}{
			{"the old secret within the grace", check("1:hash", last), nil},
			{"the new secret within the grace", check("1:second", last), nil},
			{"the old generation within the grace", generation(1, last), nil},
			{"the new generation within the grace", generation(2, last), nil},
			{"the old secret after the grace", check("1:hash", over), apikey.ErrInvalid},
			{"the old generation after the grace", generation(1, over), apikey.ErrInvalid},
			{"the new secret after the grace", check("1:second", over), nil},
			{"a generation that is yet to come", generation(3, over), apikey.ErrInvalid},
		} {
			if !errors.Is(fact.got, fact.want) {
				t.Errorf("%s: %v, want %v", fact.what, fact.got, fact.want)
			}
		}
		if _, err := s.RegenerateKey(ctx, k2, "1:third", 0, entry(audit.Regenerated)); err != nil {
			t.Fatal(err)
		}
		for _, hash := range []string{"1:hash", "1:second"} {
			if !errors.Is(check(hash, last), apikey.ErrInvalid) {
				t.Errorf("%s outlived a regeneration without grace", hash)
			}
		}
	}
}

func TestExpiryIsCheckedWithoutTTL(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, func(k *apikey.Key) { k.ExpiresAt = now.Unix() + 5 })
	ses := newSession(t, s) // for an hour
	for _, limit := range []*bool{nil, new(bool)} {
		l := &reading
		if limit == nil {
			l = nil
		}
		if _, _, err := s.CheckKey(ctx, k.ID, good, l, now.Add(4*time.Second)); err != nil {
			t.Error(err)
		}
		if _, _, err := s.CheckKey(ctx, k.ID, good, l, now.Add(5*time.Second)); !errors.Is(err, apikey.ErrExpired) {
			t.Error(err)
		}
		if _, _, err := s.CheckSession(ctx, ses.ID, l, now.Add(time.Hour-time.Second)); err != nil {
			t.Error(err)
		}
		if _, _, err := s.CheckSession(ctx, ses.ID, l, now.Add(time.Hour)); !errors.Is(err, session.ErrEnded) {
			t.Error(err)
		}
	}
	if _, err := s.RotateSession(ctx, ses.ID, session.Refresh{Lifetime: time.Hour, Family: 24 * time.Hour, Now: now.Add(time.Hour)}); !errors.Is(err, session.ErrEnded) {
		t.Error(err)
	}
	if _, err := s.RegenerateKey(ctx, k, "1:x", 0, audit.New(audit.Regenerated, audit.Source{Now: now.Add(time.Minute)}, time.Hour)); !errors.Is(err, store.ErrConflict) {
		t.Error(err)
	}
}
