package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestRevokeIsInstantAndForTheOwnerOnly(t *testing.T) {
	ctx, s, now := context.Background(), storetest.New(t), time.Now()
	k := apikey.Key{ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A", Hash: "1:hash", Generation: 1, CreatedAt: now}
	if err := s.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
		t.Fatal(err)
	}
	f := gateway.Protected(handler{s, time.Hour}.serve)
	call := func(id string, as map[string]any) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{Method: "PUT", Resource: "/api/v1/auth/api-keys/{id}/revoke", Path: map[string]string{"id": id}, Authorizer: as})
	}
	before, _ := s.Key(ctx, k.ID)
	for name, as := range map[string]map[string]any{
		"a stranger":               gatewaytest.User("usr_B", "b@example.com", "member", "admin"),
		"a stranger's key":         gatewaytest.Key("k", "scoped", "usr_B", "prj_B", "admin"),
		"a key of another project": gatewaytest.Key("k", "scoped", "usr_A", "prj_B", "admin"),
	} {
		switch a := call(k.ID, as); {
		case a.Status != 404:
			t.Errorf("%s: status %d, want 404: %s", name, a.Status, a.Body)
		case a.Code(t) != "RESOURCE_NOT_FOUND":
			t.Errorf("%s: error_code: %v, want RESOURCE_NOT_FOUND", name, a.Code(t))
		}
	}
	owner := gatewaytest.User("usr_A", "a@example.com", "member", "")
	for _, id := range []string{"", "x", apikey.NewID(), "../" + k.ID, k.ID + "/revoke", k.ID + "\n", "%00", strings.Repeat("x", 2000)} {
		if a := call(id, owner); a.Status != 404 {
			t.Errorf("%.30q: %+v", id, a)
		}
	}
	after, err := s.Key(ctx, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the key after the refused calls", fmt.Sprint(after), fmt.Sprint(before))
	first, again := call(k.ID, owner), call(k.ID, owner)
	if first.Status != 200 {
		t.Errorf("status %d, want 200: %s", first.Status, first.Body)
	}
	if first.JSON(t)["status"] != "revoked" {
		t.Errorf("status: %v, want revoked", first.JSON(t)["status"])
	}
	if again.Status != 200 {
		t.Errorf("status %d, want 200: %s", again.Status, again.Body)
	}
	if again.JSON(t)["revoked_at"] != first.JSON(t)["revoked_at"] {
		t.Errorf("revoked_at: %v, want %v", again.JSON(t)["revoked_at"], first.JSON(t)["revoked_at"])
	}
	if _, _, err := s.CheckKey(ctx, k.ID, []string{"1:hash"}, nil, now); !errors.Is(err, apikey.ErrRevoked) {
		t.Error(err)
	}
}
