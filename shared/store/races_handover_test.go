package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// handOver is the whole of what an endpoint does to hand over all that a user has.
func handOver(s *store.Store, from, to user.User) (store.Handover, error) {
	return s.HandOver(ctx, from, to, now, entry)
}

// TestRacesOfAHandoverAndTheEndOfEitherUser plays them, one key and all keys, while the keys are in use. It
// must hold: a key is good at last only if its owner is not disabled; a key of which a hand-over was
// answered is not ended by the end of the former owner; a use is refused only after one of them ended.
func TestRacesOfAHandoverAndTheEndOfEitherUser(t *testing.T) {
	play(t, 16, func(h history) {
		admin, l, next := registered(h, user.Admin), &leaver{history: h, User: registered(h, user.Member)}, registered(h, user.Member)
		for range 1 + h.IntN(4) {
			id, err := l.newKey(h.calm)
			if err != nil {
				h.Fatal(err)
			}
			l.keys = append(l.keys, id)
		}
		var all sync.WaitGroup
		var ending, over atomic.Bool
		for _, id := range l.keys[:1] {
			all.Go(func() {
				for !over.Load() {
					if _, _, err := h.calm.CheckKey(ctx, id, []string{"1:hash"}, nil, now); err != nil && !ending.Load() {
						h.wrong("a key is refused while it is handed over: %v", err)
					}
				}
			})
		}
		yes := true
		ends := map[string]store.Change{l.ID: {}, next.ID: {}}
		switch h.IntN(4) {
		case 0:
			ends[l.ID] = store.Change{Disabled: &yes}
		case 1:
			ends[l.ID] = store.Change{Delete: true}
		case 2:
			ends[next.ID] = []store.Change{{Disabled: &yes}, {Delete: true}}[h.IntN(2)]
		}
		var others sync.WaitGroup
		for id, change := range ends {
			began := time.Duration(h.IntN(40)) * time.Millisecond
			if change != (store.Change{}) {
				others.Go(func() {
					time.Sleep(began)
					ending.Store(true)
					if err := h.answered(func() error { return changeUser(h.s, admin.ID, id, change) }); err != nil && !errors.Is(err, store.ErrNotFound) {
						h.wrong("the end of a user: %v", err)
					}
				})
			}
		}
		one, answered := h.IntN(2) == 0, false
		others.Go(func() {
			err := h.answered(func() error {
				if !one {
					_, err := handOver(h.s, l.User, next)
					return err
				}
				k, err := h.s.Key(ctx, l.keys[0])
				if err == nil && k.Owner == l.ID {
					_, err = h.s.HandKeyOver(ctx, k, l.User, next, entry)
				}
				return err
			})
			answered = err == nil
		})
		others.Wait()
		over.Store(true)
		all.Wait()
		for i, id := range l.keys {
			h.afterHandover(id, l.ID, next.ID, answered && (i == 0 || !one), ends[next.ID] == store.Change{})
		}
	})
}

// afterHandover checks one key at last.
func (h history) afterHandover(id, from, to string, answered, heirStays bool) {
	h.Helper()
	k, err := h.calm.Key(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		h.Fatal(err)
	}
	good := err == nil && k.CheckHash([]string{"1:hash"}, now) == nil
	if good {
		owner, err := h.calm.User(ctx, k.Owner)
		if err != nil || owner.DisabledAt != nil {
			h.wrong("a key of %s is good, who is disabled or deleted: %v", k.Owner, err)
		}
	}
	if answered && heirStays && (!good || k.Owner != to) {
		h.wrong("a key whose hand-over was answered is %s of %s, from %s to %s", k.State(now), k.Owner, from, to)
	}
	if good && k.Owner == to {
		if in, err := h.calm.Project(ctx, k.Project); err != nil {
			h.wrong("the project of a key that was handed over: %v, %+v", err, in)
		}
	}
}

// TestKeysThatWereHandedOverStillEndWithTheirMaker: whoever owns what came from a key.
func TestKeysThatWereHandedOverStillEndWithTheirMaker(t *testing.T) {
	t.Parallel()
	s, people := handedOverPeople(t)
	maker := keyOf(t, s, people[0], "read:stats")
	made := makesIn(t, s, maker)
	if _, err := s.HandKeyOver(ctx, made, people[0], people[1], entry); err != nil {
		t.Fatal(err)
	}
	if n := cascades(t, s, maker); n != 1 {
		t.Errorf("%d were revoked with the maker, want 1", n)
	}
	log, _, err := s.AuditLog(ctx, made.ID, store.Page{Limit: 10}, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range log {
		if want := map[bool]string{true: people[0].ID, false: people[1].ID}[e.Action == audit.Created]; e.Owner != want {
			t.Errorf("the entry %s is of %s, want %s", e.Action, e.Owner, want)
		}
	}
	if owner, _, _, err := s.LogOf(ctx, made.ID); err != nil || owner != people[1].ID {
		t.Errorf("the log is of %s: %v", owner, err)
	}
}

func TestProjectOfADeletedUserGoesToWhomAKeyInItWasHanded(t *testing.T) {
	t.Parallel()
	s, people := handedOverPeople(t)
	from, heir, gone := people[0], people[1], people[2]
	k := keyOf(t, s, from, "read:stats")
	owner := from
	for _, to := range []user.User{gone, heir} {
		if _, err := s.HandKeyOver(ctx, k, owner, to, entry); err != nil {
			t.Fatal(err)
		}
		owner = to
		var err error
		if k, err = s.Key(ctx, k.ID); err != nil {
			t.Fatal(err)
		}
	}
	for _, u := range []user.User{gone, from} {
		if err := changeUser(s, people[3].ID, u.ID, store.Change{Delete: true}); err != nil {
			t.Fatal(err)
		}
	}
	in, err := s.Project(ctx, k.Project)
	if err != nil || in.Owner != heir.ID {
		t.Fatalf("the project is of %q: %v", in.Owner, err)
	}
	if _, _, err := s.CheckKey(ctx, k.ID, []string{"1:hash"}, nil, now); err != nil {
		t.Errorf("the key: %v", err)
	}
	if _, err := s.Project(ctx, user.DefaultProject(gone.ID)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a project without an heir: %v", err)
	}
}

func TestHandoverLeavesKeysThatTheNextOwnerMayNotHave(t *testing.T) {
	t.Parallel()
	s, people := handedOverPeople(t)
	admin, member := people[3], people[1]
	full, plain, ended := keyOf(t, s, admin, "admin"), keyOf(t, s, admin, "read:stats"), keyOf(t, s, admin, "read:stats")
	sees := keyOf(t, s, admin, "verify:all_keys")
	if _, err := s.RevokeKey(ctx, ended, entry(audit.Revoked)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.HandKeyOver(ctx, full, admin, member, entry); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a key with the scope admin goes to a member: %v", err)
	}
	if _, err := s.HandKeyOver(ctx, sees, admin, member, entry); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a key that may check every key goes to a member: %v", err)
	}
	done, err := handOver(s, admin, member)
	if want := (store.Handover{Projects: 1, Keys: 1, Left: 2}); err != nil || done != want {
		t.Errorf("got %+v, %v; want %+v", done, err, want)
	}
	for id, owner := range map[string]string{full.ID: admin.ID, sees.ID: admin.ID, plain.ID: member.ID, ended.ID: admin.ID} {
		if k, err := s.Key(ctx, id); err != nil || k.Owner != owner {
			t.Errorf("the key is of %s, want %s: %v", k.Owner, owner, err)
		}
	}
	if done, err = handOver(s, admin, member); err != nil || done != (store.Handover{Left: 2}) {
		t.Errorf("again: %+v, %v", done, err)
	}
}

// handedOverPeople are three members and an administrator.
func handedOverPeople(t *testing.T) (*store.Store, []user.User) {
	s, calm := moody(t)
	h := history{T: t, s: s, calm: calm}
	return calm, []user.User{registered(h, user.Member), registered(h, user.Member), registered(h, user.Member), registered(h, user.Admin)}
}

func keyOf(t *testing.T, s *store.Store, u user.User, scope string) apikey.Key {
	t.Helper()
	k := apikey.Key{ID: apikey.NewID(), Owner: u.ID, OwnerEmail: u.Email, Project: user.DefaultProject(u.ID),
		Scopes: []string{scope}, Hash: "1:hash", Generation: 1, CreatedAt: now}
	if err := s.CreateKey(ctx, k, entry(audit.Created)); err != nil {
		t.Fatal(err)
	}
	k, err := s.Key(ctx, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// makesIn is a key that another makes, in its project.
func makesIn(t *testing.T, s *store.Store, maker apikey.Key) apikey.Key {
	t.Helper()
	k := maker
	k.ID, k.CreatedBy, k.Head = apikey.NewID(), maker.ID, audit.Head{}
	if err := s.CreateKeyBy(ctx, by(maker), k, entry(audit.Created)); err != nil {
		t.Fatal(err)
	}
	k, err := s.Key(ctx, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
