// Package accounttest has the people of tests of what administrators do to users.
package accounttest

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
)

// People are an administrator, and a member who has a session and keys.
type People struct {
	*testing.T
	Store         *store.Store
	Admin, Member user.User
	Session       string   // the member's
	Keys          []string // likewise
}

// New makes the people, with so many keys.
func New(t *testing.T, s *store.Store, keys int) *People {
	t.Helper()
	now := time.Now()
	p := &People{T: t, Store: s, Admin: user.New("root@example.com", user.Admin, now), Member: user.New("ann@example.com", user.Member, now)}
	for _, u := range []user.User{p.Admin, p.Member} {
		if err := s.CreateUser(context.Background(), u, "hash", storetest.Entry(audit.Registered)); err != nil {
			t.Fatal(err)
		}
	}
	p.Session = p.LogIn(p.Member)
	for range keys {
		p.Keys = append(p.Keys, p.NewKey(p.Member, "read:stats"))
	}
	return p
}

// LogIn opens a session of somebody, and returns its id.
func (p *People) LogIn(u user.User) string {
	p.Helper()
	ses := session.New(u, time.Hour, "192.0.2.7", "Ann's telephone", time.Now())
	e := storetest.Entry(audit.SignedIn)
	e.Address, e.UserAgent = ses.Address, ses.UserAgent
	if err := p.Store.CreateSession(context.Background(), ses, e); err != nil {
		p.Fatal(err)
	}
	return ses.ID
}

// NewKey makes a key of somebody, whose hash is "1:hash", and returns its id.
func (p *People) NewKey(u user.User, scope string) string {
	p.Helper()
	now := time.Now()
	k := apikey.Key{ID: apikey.NewID(), Label: "Ann's", Owner: u.ID, OwnerEmail: u.Email, Project: user.DefaultProject(u.ID),
		Scopes: []string{scope}, Hash: "1:hash", Generation: 1, CreatedAt: now}
	made := audit.New(audit.Created, audit.Source{Actor: audit.Actor{Type: "user", ID: u.ID}, Now: now}, time.Hour)
	if err := p.Store.CreateKey(context.Background(), k, made); err != nil {
		p.Fatal(err)
	}
	return k.ID
}

// AsAdmin is the administrator's session, as the authorizer passes it on.
func (p *People) AsAdmin() map[string]any {
	return gatewaytest.User(p.Admin.ID, p.Admin.Email, "admin", "admin")
}
