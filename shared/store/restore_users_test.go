package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// changedSince has an administrator do something to the user after the point in time.
func (l *lossy) changedSince(c store.Change) {
	l.t.Helper()
	admin := user.New("root@example.com", user.Admin, time.Now())
	if err := l.s.CreateUser(l.t.Context(), admin, "hash", entry(audit.Registered)); err != nil {
		l.t.Fatal(err)
	}
	if err := changeUser(l.s, admin.ID, l.user.ID, c); err != nil {
		l.t.Fatal(err)
	}
}

func TestRestoreBringsNobodyBackWhoWasDeleted(t *testing.T) {
	l := newLossy(t)
	k := l.key(nil)
	l.pass()
	l.changedSince(store.Change{Delete: true})
	done := l.restore()
	expect.Same(t, "users copied", done.Copied["USER"]+done.Copied["EMAIL"]+done.Copied["PROJECT"]+done.Copied["KEY"], 0)
	expect.Same(t, "the key", l.state(k), "gone")
	if _, err := l.s.Login(t.Context(), l.user.Email); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the login: %v", err)
	}
	if _, err := l.s.User(t.Context(), l.user.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the user: %v", err)
	}
	if err := l.s.CreateUser(t.Context(), user.New(l.user.Email, user.Member, time.Now()), "hash", entry(audit.Registered)); err != nil {
		t.Errorf("the address is not free: %v", err)
	}
}

func TestRestoreBringsNoLinkBack(t *testing.T) {
	l := newLossy(t)
	for _, p := range link.Purposes {
		made, _ := link.New(l.user.ID, p, time.Now())
		if err := l.s.SetLink(t.Context(), l.user.ID, p, made); err != nil {
			t.Fatal(err)
		}
	}
	l.pass()
	l.lose("USER")
	l.restore()
	found, err := l.s.User(t.Context(), l.user.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range link.Purposes {
		expect.Same(t, "the link for a "+string(p)+" is there", found.Link(p) != nil, false)
	}
}

func TestRestoreRevokesTheKeysThatTheirOwnerHasNoRightToSince(t *testing.T) {
	for name, c := range map[string]store.Change{"disabled": {Disabled: new(true)}, "no administrator": {Role: user.Member}} {
		t.Run(name, func(t *testing.T) {
			l := newLossy(t)
			other := user.New("first@example.com", user.Admin, time.Now())
			if err := l.s.CreateUser(t.Context(), other, "hash", entry(audit.Registered)); err != nil {
				t.Fatal(err)
			}
			if _, err := l.s.ChangeUser(t.Context(), other.ID, l.user.ID, store.Change{Role: user.Admin}, entry, time.Now()); err != nil {
				t.Fatal(err)
			}
			k := l.key(func(k *apikey.Key) { k.Scopes = []string{"admin"} })
			l.pass()
			l.lose("KEY") // so nothing could revoke it
			l.changedSince(c)
			expect.Same(t, "the keys that are copied as revoked", len(l.restore().Revoked), 1)
			expect.Same(t, "the key", l.state(k), "revoked")
		})
	}
}
