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
	"github.com/latchkey/latchkey/shared/account/accounttest"
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

type world struct{ *accounttest.People }

func newWorld(t *testing.T, s *store.Store) *world {
	t.Helper()
	return &world{accounttest.New(t, s, 1)}
}

func (w *world) remove(as map[string]any, id string) gatewaytest.Answer {
	w.Helper()
	return gatewaytest.Do(w.T, gateway.Protected(handler{account.Accounts{Store: w.Store, Retention: time.Hour}}.serve), gatewaytest.Call{
		Method: "DELETE", Resource: "/v1/users/{id}", Path: map[string]string{"id": id}, Authorizer: as,
	})
}

// gone checks that nothing of the member is good, or found.
func (w *world) gone() {
	w.Helper()
	if _, err := w.Store.User(ctx, w.Member.ID); !errors.Is(err, store.ErrNotFound) {
		w.Errorf("the user: %v", err)
	}
	if _, err := w.Store.Login(ctx, w.Member.Email); !errors.Is(err, store.ErrNotFound) {
		w.Errorf("the login: %v", err)
	}
	if _, err := w.Store.Key(ctx, w.Keys[0]); !errors.Is(err, store.ErrNotFound) {
		w.Errorf("the key: %v", err)
	}
	if _, err := w.Store.Project(ctx, user.DefaultProject(w.Member.ID)); !errors.Is(err, store.ErrNotFound) {
		w.Errorf("the project: %v", err)
	}
	if _, _, err := w.Store.CheckSession(ctx, w.Session, nil, time.Now()); !errors.Is(err, session.ErrEnded) {
		w.Errorf("the session: %v", err)
	}
}

func TestDeletionErasesThePersonAndKeepsTheLogs(t *testing.T) {
	cfg, table := storetest.Table(t)
	w := newWorld(t, store.New(cfg, table))
	expect.Same(t, "status", w.remove(w.AsAdmin(), w.Member.ID).Status, 204)
	w.gone()
	expect.Same(t, "again: status", w.remove(w.AsAdmin(), w.Member.ID).Status, 404)

	log, _, err := w.Store.AuditLog(ctx, w.Keys[0], store.Page{Limit: 10}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the number of entries", len(log), 2)
	expect.Same(t, "the newest", log[0].Action+" by "+log[0].Actor.ID, audit.Deleted+" by "+w.Admin.ID)
	expect.Same(t, "the first", log[1].Action+" by "+log[1].Actor.ID, audit.Created+" by "+w.Member.ID)

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
	expect.Same(t, "status", w.remove(w.AsAdmin(), w.Member.ID).Status, 204)
	next := user.New(w.Member.Email, user.Member, time.Now())
	if err := w.Store.ImportUser(ctx, next, "hash", storetest.Entry(audit.Registered), time.Now()); !errors.Is(err, store.ErrDeleted) {
		t.Errorf("an import: %v", err)
	}
	if err := w.Store.ImportUser(ctx, next, "hash", storetest.Entry(audit.Registered), time.Now().Add(2*time.Hour)); err != nil { // the retention is over
		t.Errorf("an import much later: %v", err)
	}
	if err := w.Store.ImportUser(ctx, next, "hash", storetest.Entry(audit.Registered), time.Now()); !errors.Is(err, store.ErrDuplicate) {
		t.Errorf("an import of one who is there again: %v", err)
	}
}

func TestRegistrationTakesTheAddressOfOneWhoWasDeleted(t *testing.T) {
	w := newWorld(t, storetest.New(t))
	expect.Same(t, "status", w.remove(w.AsAdmin(), w.Member.ID).Status, 204)
	if err := w.Store.CreateUser(ctx, user.New(w.Member.Email, user.Member, time.Now()), "hash", storetest.Entry(audit.Registered)); err != nil {
		t.Error(err)
	}
}

func TestNobodyElseDeletesAUserAndTheLastAdministratorStays(t *testing.T) {
	w := newWorld(t, storetest.New(t))
	storetest.AwaitIndex()
	key := gatewaytest.Key("k", "scoped", w.Admin.ID, user.DefaultProject(w.Admin.ID), "admin")
	key[gateway.CtxRole] = user.Admin
	for name, as := range map[string]map[string]any{
		"a member": gatewaytest.User("usr_B", "b@example.com", "member", ""), "a key": key,
		"the member": gatewaytest.User(w.Member.ID, w.Member.Email, "member", ""),
	} {
		expect.Same(t, name+": status", w.remove(as, w.Member.ID).Status, 403)
	}
	expect.Same(t, "the last administrator: status", w.remove(w.AsAdmin(), w.Admin.ID).Status, 403)
	for _, u := range []user.User{w.Admin, w.Member} {
		now, err := w.Store.User(ctx, u.ID)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "what they are", now.Status(), user.Active)
	}
}

func TestDeathDuringADeletionLeavesTheRestToTheNextRequest(t *testing.T) {
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		w := newWorld(t, s)
		life.Of(func() { w.remove(w.AsAdmin(), w.Member.ID) })
		u, err := s.User(ctx, w.Member.ID)
		if err == nil && u.Status() == user.Active {
			return
		}
		if err == nil {
			if err := s.CreateSession(ctx, session.New(w.Member, time.Hour, "", "", time.Now()), storetest.Entry(audit.SignedIn)); !errors.Is(err, store.ErrConflict) {
				t.Errorf("a session is made for one who is being deleted: %v", err)
			}
			expect.Same(t, "status", w.remove(w.AsAdmin(), w.Member.ID).Status, 204)
		}
		w.gone()
	})
}
