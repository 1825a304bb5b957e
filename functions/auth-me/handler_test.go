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

func TestMeSaysWhoTheCredentialSpeaksFor(t *testing.T) {
	s := storetest.New(t)
	u := user.New("a@example.com", user.Member, time.Now())
	if err := s.CreateUser(context.Background(), u, "hush", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	f := gateway.Protected(handler{s}.serve)
	for kind, row := range map[string]struct {
		as      map[string]any
		expires any
	}{
		"user": {gatewaytest.User(u.ID, u.Email, "member", "read:stats"), "2100-01-01T00:00:00Z"},
		"key":  {gatewaytest.Key("0123456789abcdef", "scoped", u.ID, "prj_A", "read:stats"), nil},
	} {
		a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "GET", Resource: "/v1/auth/me", Authorizer: row.as})
		body := a.JSON(t)
		if a.Status != 200 {
			t.Errorf("%s: status %d, want 200: %s", kind, a.Status, a.Body)
			continue
		}
		if body["ok"] != true {
			t.Errorf("%s: ok: %v, want true", kind, body["ok"])
		}
		if email := body["user"].(map[string]any)["email"]; email != u.Email {
			t.Errorf("%s: email: %v, want %s", kind, email, u.Email)
		}
		credential := body["credential"].(map[string]any)
		if credential["type"] != kind {
			t.Errorf("%s: type: %v, want %v", kind, credential["type"], kind)
		}
		if credential["id"] == "" {
			t.Errorf("%s: id is empty", kind)
		}
		if credential["expires_at"] != row.expires {
			t.Errorf("%s: expires_at: %v, want %v", kind, credential["expires_at"], row.expires)
		}
		if credential["scopes"].([]any)[0] != "read:stats" {
			t.Errorf("%s: first scope: %v, want read:stats", kind, credential["scopes"].([]any)[0])
		}
	}
	if a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "GET", Resource: "/v1/auth/me", Authorizer: gatewaytest.Key("k", "scoped", u.ID, "prj_A", "")}); a.JSON(t)["credential"].(map[string]any)["scopes"] == nil {
		t.Errorf("no scopes are a list of none: %s", a.Body)
	}
	for _, kind := range []gateway.PrincipalType{gateway.Key, gateway.Client} {
		as := gatewaytest.Key("0123456789abcdef", "client", u.ID, "prj_A", "write:events")
		as[gateway.CtxType] = string(kind)
		if a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "GET", Resource: "/v1/auth/me", Authorizer: as}); a.Status != 200 || strings.Contains(a.Body, u.Email) {
			t.Errorf("a client key as %s: status %d, want 200 without the e-mail address: %s", kind, a.Status, a.Body)
		}
	}
	if a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "GET", Resource: "/v1/auth/me", Authorizer: gatewaytest.User("usr_gone", "", "member", "")}); a.Status != 404 {
		t.Errorf("%+v", a)
	}
}
