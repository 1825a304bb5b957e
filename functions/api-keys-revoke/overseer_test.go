package main

import (
	"context"
	"errors"
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

func TestAdministratorRevokesTheKeyOfAnybodyAndItsLogSaysSo(t *testing.T) {
	ctx, s, now := context.Background(), storetest.New(t), time.Now()
	k := apikey.Key{ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A", Hash: "1:hash", Generation: 1, CreatedAt: now}
	if err := s.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
		t.Fatal(err)
	}
	a := gatewaytest.Do(t, gateway.Protected(handler{s, time.Hour}.serve), gatewaytest.Call{
		Method: "PUT", Resource: "/api/v1/auth/api-keys/{id}/revoke", Path: map[string]string{"id": k.ID},
		Authorizer: gatewaytest.User("usr_B", "b@example.com", "admin", "admin"),
	})
	expect.Same(t, "the status", a.Status, 200)
	if _, _, err := s.CheckKey(ctx, k.ID, []string{"1:hash"}, nil, now); !errors.Is(err, apikey.ErrRevoked) {
		t.Errorf("the key is checked: %v", err)
	}
	entries, _, err := s.AuditLog(ctx, k.ID, store.Page{Limit: 10}, now)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the newest entry", entries[0].Action, audit.Revoked)
	expect.Same(t, "who did it", entries[0].Actor, audit.Actor{Type: "user", ID: "usr_B"})
	expect.Same(t, "whose key it is", entries[0].Owner, "usr_A")
}
