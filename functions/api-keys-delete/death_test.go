package main

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// made is a key that another makes, or a user.
func made(t *testing.T, s *store.Store, maker *apikey.Key) apikey.Key {
	t.Helper()
	by := apikey.Maker{Key: maker, Generation: 1}
	k := apikey.Key{ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A", Hash: "1:hash", Generation: 1, CreatedAt: time.Now()}
	by.Endow(&k, time.Now())
	if err := s.CreateKeyBy(context.Background(), by, k, audit.New(audit.Created, audit.Source{Now: time.Now()}, time.Hour)); err != nil {
		t.Fatal(err)
	}
	return k
}

func TestDeletionWhoseProcessWasKilledIsContinuedAndRevokesEachKeyOnce(t *testing.T) {
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		ctx := context.Background()
		maker := made(t, s, nil)
		child := made(t, s, &maker)
		came := []apikey.Key{child, made(t, s, &child)}
		call := func() gatewaytest.Answer {
			return gatewaytest.Do(t, gateway.Protected(handler{s, time.Hour}.serve), gatewaytest.Call{
				Method: "DELETE", Resource: "/api/v1/auth/api-keys/{id}", Path: map[string]string{"id": maker.ID},
				Body: `{"cascade": true}`, Authorizer: gatewaytest.User("usr_A", "a@example.com", "member", ""),
			})
		}
		life.Of(func() { call() })
		_, err := s.Key(ctx, maker.ID)
		want := 204
		if err != nil {
			want = 404 // it was deleted: by then all that came from it is revoked
		}
		expect.Same(t, "the status when it is repeated", call().Status, want)
		for _, k := range came {
			found, err := s.Key(ctx, k.ID)
			if err != nil {
				t.Fatal(err)
			}
			expect.Same(t, "a key that came from it", found.State(time.Now()), "revoked")
			log, _, err := s.AuditLog(ctx, k.ID, store.Page{Limit: 10}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			expect.Same(t, "the entries of its log", len(log), 2)
		}
		log, _, err := s.AuditLog(ctx, maker.ID, store.Page{Limit: 10}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the entries of the log of the deleted key", len(log), 3)
	})
}
