package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

func registered(h history, role string) user.User {
	h.Helper()
	u := user.New(fmt.Sprintf("%d-%s@example.com", h.n, apikey.NewID()), role, now)
	if err := h.calm.CreateUser(ctx, u, "hash", entry(audit.Registered)); err != nil {
		h.Fatal(err)
	}
	return u
}

// changeUser is the whole of what an endpoint does to a user.
func changeUser(s *store.Store, by, id string, c store.Change) error {
	u, err := s.ChangeUser(ctx, by, id, c, entry, now)
	if err != nil {
		return err
	}
	if err := s.End(ctx, u, entry, new(store.Ended)); err != nil {
		return err
	}
	if c.Delete {
		return s.Erase(ctx, u, time.Hour, entry, now, new(store.Ended))
	}
	if _, err = s.Finish(ctx, u); errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// randomChange takes the administration from somebody, or changes nothing of it.
func (h history) randomChange() store.Change {
	yes := true
	return []store.Change{{Role: user.Member}, {Disabled: &yes}, {Delete: true}, {Role: user.Member, Disabled: &yes}}[h.IntN(4)]
}

// TestRacesOfAdministratorsLeaveOneWhoAdministers plays them: each demotes, disables or deletes another or
// themselves, all at once. It must hold: there is an administrator who can log in, after each of them.
func TestRacesOfAdministratorsLeaveOneWhoAdministers(t *testing.T) {
	playAlone(t, 16, func(h history) {
		var admins []user.User
		for range 2 + h.IntN(2) {
			admins = append(admins, registered(h, user.Admin))
		}
		var all sync.WaitGroup
		for i, by := range admins {
			for range 1 + h.IntN(2) {
				target, change := admins[h.IntN(len(admins))], h.randomChange()
				if len(admins) == 2 && h.IntN(2) == 0 { // the case that matters most: each the other
					target = admins[1-i]
				}
				all.Go(func() {
					_ = h.answered(func() error { return changeUser(h.s, by.ID, target.ID, change) })
				})
			}
		}
		all.Wait()
		left := 0
		for _, u := range admins {
			now, err := h.calm.User(ctx, u.ID)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				h.Fatal(err)
			}
			if err == nil && now.Administers() {
				left++
			}
		}
		if left == 0 {
			h.wrong("of %d administrators nobody is left", len(admins))
		}
	})
}

// A leaver is a user who is disabled or deleted while others log in and make keys as them.
type leaver struct {
	history
	user.User
	mu       sync.Mutex
	sessions []string
	keys     []string
}

// TestRacesOfTheEndOfAUserAndWhatIsMadeForThem plays them. It must hold: after the answer no session and no
// key of the user is good, whenever it was made, though the index lags; and the log of each key says so.
func TestRacesOfTheEndOfAUserAndWhatIsMadeForThem(t *testing.T) {
	play(t, 16, func(h history) {
		admin, l := registered(h, user.Admin), &leaver{history: h, User: registered(h, user.Member)}
		var all sync.WaitGroup
		for range 1 + h.IntN(3) {
			all.Go(l.logIn)
			all.Go(l.makeKey)
		}
		yes := true
		change := []store.Change{{Disabled: &yes}, {Delete: true}}[h.IntN(2)]
		began := time.Duration(h.IntN(60)) * time.Millisecond
		all.Go(func() {
			time.Sleep(began)
			if err := h.answered(func() error { return changeUser(h.s, admin.ID, l.ID, change) }); err != nil && !errors.Is(err, store.ErrNotFound) {
				h.wrong("the end of the user: %v", err)
			}
			l.over("at the answer")
		})
		all.Wait()
		l.over("at last")
		for name, make := range map[string]func() error{
			"a session": func() error {
				return h.calm.CreateSession(ctx, session.New(l.User, time.Hour, "192.0.2.7", "test", now), entry(audit.SignedIn))
			},
			"a key": func() error { _, err := l.newKey(h.calm); return err },
		} {
			if err := make(); !errors.Is(err, store.ErrConflict) {
				h.wrong("%s is made after the end: %v", name, err)
			}
		}
	})
}

func (l *leaver) logIn() {
	for range 3 {
		ses := session.New(l.User, time.Hour, "192.0.2.7", "test", now)
		if l.answered(func() error { return l.s.CreateSession(ctx, ses, entry(audit.SignedIn)) }) != nil {
			return
		}
		l.mu.Lock()
		l.sessions = append(l.sessions, ses.ID)
		l.mu.Unlock()
		_ = l.answered(func() error {
			_, err := l.s.RotateSession(ctx, ses.ID, session.Refresh{Lifetime: time.Hour, Family: 2 * time.Hour, Now: now})
			if errors.Is(err, session.ErrEnded) {
				return store.ErrNotFound
			}
			return err
		})
	}
}

func (l *leaver) newKey(s *store.Store) (string, error) {
	k := apikey.Key{ID: apikey.NewID(), Owner: l.ID, OwnerEmail: l.Email, Project: user.DefaultProject(l.ID), Hash: "1:hash", Generation: 1, CreatedAt: now}
	return k.ID, s.CreateKey(ctx, k, entry(audit.Created))
}

func (l *leaver) makeKey() {
	for range 3 {
		var id string
		if l.answered(func() (err error) { id, err = l.newKey(l.s); return err }) != nil {
			return
		}
		l.mu.Lock()
		l.keys = append(l.keys, id)
		l.mu.Unlock()
	}
}

// over checks that nothing of those that were answered is good.
func (l *leaver) over(when string) {
	l.mu.Lock()
	sessions, keys := append([]string{}, l.sessions...), append([]string{}, l.keys...)
	l.mu.Unlock()
	for _, id := range sessions {
		if _, _, err := l.calm.CheckSession(ctx, id, nil, now); !errors.Is(err, session.ErrEnded) {
			l.wrong("%s a session is let through: %v", when, err)
		}
	}
	for _, id := range keys {
		if _, _, err := l.calm.CheckKey(ctx, id, []string{"1:hash"}, nil, now); !errors.Is(err, apikey.ErrRevoked) && !errors.Is(err, store.ErrNotFound) {
			l.wrong("%s a key is let through: %v", when, err)
		}
		log, _, err := l.calm.AuditLog(ctx, id, store.Page{Limit: 10}, now)
		if err != nil {
			l.Fatal(err)
		}
		// Entries of one moment are in no order, and the end may have begun before the key was made.
		if !slices.ContainsFunc(log, func(e audit.Entry) bool { return e.Action == audit.Revoked || e.Action == audit.Deleted }) {
			l.wrong("%s the log of a key has no end of it: %+v", when, log)
		}
	}
}

// TestRacesOfADemotionAndLogins plays them. It must hold: after the answer no session of the user says admin,
// and no key with the scope admin is good.
func TestRacesOfADemotionAndLogins(t *testing.T) {
	play(t, 12, func(h history) {
		admin, l := registered(h, user.Admin), &leaver{history: h, User: registered(h, user.Admin)}
		var mine []string
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 3 {
			all.Go(l.logIn)
			all.Go(func() {
				k := apikey.Key{ID: apikey.NewID(), Owner: l.ID, Project: user.DefaultProject(l.ID), Scopes: []string{"admin"}, Hash: "1:hash", Generation: 1, CreatedAt: now}
				if h.answered(func() error { return h.s.CreateKey(ctx, k, entry(audit.Created)) }) == nil {
					mu.Lock()
					mine = append(mine, k.ID)
					mu.Unlock()
				}
			})
		}
		plain := apikey.Key{ID: apikey.NewID(), Owner: l.ID, Project: user.DefaultProject(l.ID), Hash: "1:hash", Generation: 1, CreatedAt: now}
		if err := h.calm.CreateKey(ctx, plain, entry(audit.Created)); err != nil {
			h.Fatal(err)
		}
		all.Go(func() { // it gets the scope at that moment
			_ = h.answered(func() error {
				was, err := h.s.Key(ctx, plain.ID)
				next := was
				next.Scopes = []string{"admin"}
				if err == nil {
					err = h.s.ChangeKeyBy(ctx, apikey.Maker{}, was, next, entry(audit.Updated))
				}
				return err
			})
		})
		all.Go(func() {
			if err := h.answered(func() error { return changeUser(h.s, admin.ID, l.ID, store.Change{Role: user.Member}) }); err != nil {
				h.wrong("the demotion: %v", err)
			}
		})
		all.Wait()
		if k, err := h.calm.Key(ctx, plain.ID); err != nil || len(k.Scopes) > 0 && k.RevokedAt == nil {
			h.wrong("a key has the scope admin, and is good: %v", err)
		}
		for _, id := range mine {
			if _, _, err := h.calm.CheckKey(ctx, id, []string{"1:hash"}, nil, now); !errors.Is(err, apikey.ErrRevoked) {
				h.wrong("a key with the scope admin is let through: %v", err)
			}
		}
		for _, id := range l.sessions {
			if _, _, err := h.calm.CheckSession(ctx, id, nil, now); !errors.Is(err, session.ErrEnded) {
				h.wrong("a session of an administrator is let through: %v", err)
			}
		}
	})
}
