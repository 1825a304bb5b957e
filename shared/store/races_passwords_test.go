package store_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
)

// TestRacesOfPasswordsAndLogins plays them: two replace the same password while others log in with it.
// Each login read the hash before, and opens its session at some moment. It must hold:
//
//   - at most one of the two is answered that its password is in force, and then it is;
//   - after that answer no session is good that another password opened;
//   - if neither is answered so, the old password stays.
func TestRacesOfPasswordsAndLogins(t *testing.T) {
	play(t, 16, func(h history) {
		u := registered(h, user.Member)
		var mu sync.Mutex
		opened := map[string]string{} // by session, the hash that opened it
		logIn := func() {
			for range 3 {
				found, err := h.calm.Login(ctx, u.Email)
				if err != nil {
					h.Fatal(err)
				}
				time.Sleep(time.Duration(h.n%7) * time.Millisecond) // the argon2id of a login
				with := u
				with.PasswordMark = found.PasswordMark
				ses := session.New(with, time.Hour, "192.0.2.7", "test", now)
				if h.answered(func() error { return h.s.CreateSession(ctx, ses, entry(audit.SignedIn)) }) == nil {
					mu.Lock()
					opened[ses.ID] = found.PasswordHash
					mu.Unlock()
				}
			}
		}
		over := func(hash string) {
			mu.Lock()
			defer mu.Unlock()
			for id, by := range opened {
				if _, _, err := h.calm.CheckSession(ctx, id, nil, now); by != hash && !errors.Is(err, session.ErrEnded) {
					h.wrong("the password %q is in force, and a session of %q is good: %v", hash, by, err)
				}
			}
		}
		results := make([]error, 2)
		var all sync.WaitGroup
		for range 2 {
			all.Go(logIn)
		}
		for i := range results {
			hash := fmt.Sprint("new ", i)
			all.Go(func() {
				results[i] = replacePassword(h, u, hash)
				if results[i] == nil {
					over(hash)
				}
			})
		}
		all.Wait()
		found, err := h.calm.Login(ctx, u.Email)
		if err != nil {
			h.Fatal(err)
		}
		over(found.PasswordHash)
		if results[0] == nil && results[1] == nil {
			h.wrong("both replaced the same password")
		}
		for i, err := range results {
			if is := found.PasswordHash == fmt.Sprint("new ", i); is != (err == nil) && !h.lost.Load() {
				h.wrong("the replacement %d was answered %v; its password is in force: %t", i, err, is)
			}
		}
	})
}

// replacePassword is the whole of what an endpoint does.
func replacePassword(h history, u user.User, hash string) error {
	var begun user.User
	err := h.answered(func() (err error) { begun, err = h.s.BeginPassword(ctx, u, "", now); return err })
	if err != nil {
		return err
	}
	if err := h.answered(func() error { return h.s.EndSessions(ctx, u.ID, "") }); err != nil {
		return err
	}
	return h.answered(func() error { return h.s.FinishPassword(ctx, begun, hash, entry(audit.PasswordChanged)) })
}

func TestReplacedPasswordLetsNobodyInUntilItsTimeIsOver(t *testing.T) {
	s := storetest.New(t)
	u := user.New("ann@example.com", user.Member, now)
	if err := s.CreateUser(ctx, u, "hash", entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.BeginPassword(ctx, u, "", now); err != nil {
		t.Fatal(err)
	}
	if err := s.CreateSession(ctx, session.New(u, time.Hour, "", "", now), entry(audit.SignedIn)); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a login meanwhile: %v", err)
	}
	if err := s.CreateSession(ctx, session.New(u, time.Hour, "", "", now.Add(2*time.Minute)), entry(audit.SignedIn)); err != nil {
		t.Errorf("a login after the process has died: %v", err)
	}
}
