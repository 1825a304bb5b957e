package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

var ctx = context.Background()

// A world has an administrator, and a member with a session and a key.
type world struct {
	t             *testing.T
	store         *store.Store
	admin, member user.User
	session, key  string
}

func newWorld(t *testing.T, s *store.Store) *world {
	t.Helper()
	now := time.Now()
	w := &world{t: t, store: s, admin: user.New("root@example.com", user.Admin, now), member: user.New("ann@example.com", user.Member, now)}
	ses := session.New(w.member, time.Hour, "192.0.2.7", "Ann's telephone", now)
	k := apikey.Key{ID: apikey.NewID(), Label: "Ann's", Owner: w.member.ID, OwnerEmail: w.member.Email, Project: user.DefaultProject(w.member.ID), Hash: "1:hash", Generation: 1, CreatedAt: now}
	for _, err := range []error{
		s.CreateUser(ctx, w.admin, "hash"), s.CreateUser(ctx, w.member, "hash"), s.CreateSession(ctx, ses),
		s.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Actor: audit.Actor{Type: "user", ID: w.member.ID}, Now: now}, time.Hour)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.session, w.key = ses.ID, k.ID
	return w
}

func (w *world) remove(as map[string]any, id string) gatewaytest.Answer {
	w.t.Helper()
	return gatewaytest.Do(w.t, gateway.Protected(handler{account.Accounts{Store: w.store, Retention: time.Hour}}.serve), gatewaytest.Call{
		Method: "DELETE", Resource: "/v1/users/{id}", Path: map[string]string{"id": id}, Authorizer: as,
	})
}

func (w *world) asAdmin() map[string]any {
	return gatewaytest.User(w.admin.ID, w.admin.Email, "admin", "admin")
}

// gone checks that nothing of the member is good, or found.
func (w *world) gone() {
	w.t.Helper()
	if _, err := w.store.User(ctx, w.member.ID); !errors.Is(err, store.ErrNotFound) {
		w.t.Errorf("the user: %v", err)
	}
	if _, err := w.store.Login(ctx, w.member.Email); !errors.Is(err, store.ErrNotFound) {
		w.t.Errorf("the login: %v", err)
	}
	if _, err := w.store.Key(ctx, w.key); !errors.Is(err, store.ErrNotFound) {
		w.t.Errorf("the key: %v", err)
	}
	if _, err := w.store.Project(ctx, user.DefaultProject(w.member.ID)); !errors.Is(err, store.ErrNotFound) {
		w.t.Errorf("the project: %v", err)
	}
	if _, _, err := w.store.CheckSession(ctx, w.session, nil, time.Now()); !errors.Is(err, session.ErrEnded) {
		w.t.Errorf("the session: %v", err)
	}
}

func TestDeletionErasesThePersonAndKeepsTheLogs(t *testing.T) {
	cfg, table := storetest.Table(t)
	w := newWorld(t, store.New(cfg, table))
	expect.Same(t, "status", w.remove(w.asAdmin(), w.member.ID).Status, 204)
	w.gone()
	expect.Same(t, "again: status", w.remove(w.asAdmin(), w.member.ID).Status, 404)

	log, _, err := w.store.AuditLog(ctx, w.key, store.Page{Limit: 10}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the number of entries", len(log), 2)
	expect.Same(t, "the newest", log[0].Action+" by "+log[0].Actor.ID, audit.Deleted+" by "+w.admin.ID)
	expect.Same(t, "the first", log[1].Action+" by "+log[1].Actor.ID, audit.Created+" by "+w.member.ID)

	left, err := dynamodb.NewFromConfig(cfg).Scan(ctx, &dynamodb.ScanInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range left.Items {
		var doc map[string]any
		if err := attributevalue.UnmarshalMap(it, &doc); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		for _, trace := range []string{"ann@", "Ann"} {
			if strings.Contains(string(text), trace) {
				t.Errorf("an item still has %s: %s", trace, text)
			}
		}
	}
}

func TestAddressOfOneWhoWasDeletedIsFreeAndAnImportDoesNotBringThemBack(t *testing.T) {
	w := newWorld(t, storetest.New(t))
	expect.Same(t, "status", w.remove(w.asAdmin(), w.member.ID).Status, 204)
	next := user.New(w.member.Email, user.Member, time.Now())
	if err := w.store.ImportUser(ctx, next, "hash", time.Now()); !errors.Is(err, store.ErrDeleted) {
		t.Errorf("an import: %v", err)
	}
	if err := w.store.ImportUser(ctx, next, "hash", time.Now().Add(2*time.Hour)); err != nil { // the retention is over
		t.Errorf("an import much later: %v", err)
	}
	if err := w.store.ImportUser(ctx, next, "hash", time.Now()); !errors.Is(err, store.ErrDuplicate) {
		t.Errorf("an import of one who is there again: %v", err)
	}
}

func TestRegistrationTakesTheAddressOfOneWhoWasDeleted(t *testing.T) {
	w := newWorld(t, storetest.New(t))
	expect.Same(t, "status", w.remove(w.asAdmin(), w.member.ID).Status, 204)
	if err := w.store.CreateUser(ctx, user.New(w.member.Email, user.Member, time.Now()), "hash"); err != nil {
		t.Error(err)
	}
}

func TestNobodyElseDeletesAUserAndTheLastAdministratorStays(t *testing.T) {
	w := newWorld(t, storetest.New(t))
	storetest.AwaitIndex()
	key := gatewaytest.Key("k", "scoped", w.admin.ID, user.DefaultProject(w.admin.ID), "admin")
	key[gateway.CtxRole] = user.Admin
	for name, as := range map[string]map[string]any{
		"a member": gatewaytest.User("usr_B", "b@example.com", "member", ""), "a key": key,
		"the member": gatewaytest.User(w.member.ID, w.member.Email, "member", ""),
	} {
		expect.Same(t, name+": status", w.remove(as, w.member.ID).Status, 403)
	}
	expect.Same(t, "the last administrator: status", w.remove(w.asAdmin(), w.admin.ID).Status, 403)
	for _, u := range []user.User{w.admin, w.member} {
		now, err := w.store.User(ctx, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "what they are", now.Status(), user.Active)
	}
}

func TestDeathDuringADeletionLeavesTheRestToTheNextRequest(t *testing.T) {
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		w := newWorld(t, s)
		life.Of(func() { w.remove(w.asAdmin(), w.member.ID) })
		u, err := s.User(ctx, w.member.ID)
		if err == nil && u.Status() == user.Active {
			return
		}
		if err == nil {
			if err := s.CreateSession(ctx, session.New(w.member, time.Hour, "", "", time.Now())); !errors.Is(err, store.ErrConflict) {
				t.Errorf("a session is made for one who is being deleted: %v", err)
			}
			expect.Same(t, "status", w.remove(w.asAdmin(), w.member.ID).Status, 204)
		}
		w.gone()
	})
}
