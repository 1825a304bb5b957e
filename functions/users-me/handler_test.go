package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
)

func TestUserRecordIsTheCallersWithoutThePassword(t *testing.T) {
	s := storetest.New(t)
	u := user.New("a@example.com", user.Member, time.Now())
	if err := s.CreateUser(context.Background(), u, "hush", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	f := gateway.Protected(handler{s}.serve)
	for _, as := range []map[string]any{gatewaytest.User(u.ID, u.Email, "member", ""), gatewaytest.Key("k", "scoped", u.ID, "prj_A", "")} {
		a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "GET", Resource: "/api/v1/users/me", Authorizer: as})
		if a.Status != 200 {
			t.Errorf("status %d, want 200: %s", a.Status, a.Body)
		}
		if a.JSON(t)["id"] != u.ID {
			t.Errorf("id: %v, want %v", a.JSON(t)["id"], u.ID)
		}
		if a.JSON(t)["role"] != "member" {
			t.Errorf("role: %v, want member", a.JSON(t)["role"])
		}
		if strings.Contains(a.Body, "hush") {
			t.Errorf("the body has the password: %s", a.Body)
		}
	}
}
