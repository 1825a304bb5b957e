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

func TestDeletedKeyIsGoneAndItsLogStays(t *testing.T) {
	ctx, s, now := context.Background(), storetest.New(t), time.Now()
	f := gateway.Protected(handler{s, time.Hour}.serve)
	for resource, want := range map[string]gatewaytest.Answer{
		"/v1/api-keys/{id}":          {Status: 200, Body: `{"ok":true}`},
		"/api/v1/auth/api-keys/{id}": {Status: 204},
	} {
		k := apikey.Key{ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A", Hash: "1:hash", Generation: 1, CreatedAt: now}
		if err := s.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
			t.Fatal(err)
		}
		call := func(userID string) gatewaytest.Answer {
			t.Helper()
			return gatewaytest.Do(t, f, gatewaytest.Call{
				Method: "DELETE", Resource: resource, Path: map[string]string{"id": k.ID}, Authorizer: gatewaytest.User(userID, "a@example.com", "member", ""),
			})
		}
		if a := call("usr_B"); a.Status != 404 {
			t.Errorf("a stranger: %+v", a)
		}
		if _, _, err := s.CheckKey(ctx, k.ID, []string{"1:hash"}, nil, now); err != nil {
			t.Errorf("a stranger deleted it: %v", err)
		}
		switch a := call("usr_A"); {
		case a.Status != want.Status:
			t.Errorf("%s: status %d, want %d: %s", resource, a.Status, want.Status, a.Body)
		case a.Body != want.Body:
			t.Errorf("%s: body: %v, want %v", resource, a.Body, want.Body)
		}
		if _, _, err := s.CheckKey(ctx, k.ID, []string{"1:hash"}, nil, now); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%v", err)
		}
		if a := call("usr_A"); a.Status != 404 {
			t.Errorf("again: %+v", a)
		}
		log, _, err := s.AuditLog(ctx, k.ID, store.Page{Limit: 10}, now)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, resource+": the number of audit entries that stay", len(log), 2)
	}
}
