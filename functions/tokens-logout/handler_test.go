package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/shared/user"
)

func TestLogoutEndsEveryTokenOfTheSessionOnTheNextRequest(t *testing.T) {
	ctx, s, tokens := context.Background(), storetest.New(t), tokentest.Authority(t)
	ses := session.New(user.New("ann@example.com", user.Member, time.Now()), time.Hour, "192.0.2.7", "browser", time.Now())
	if err := s.CreateSession(ctx, ses, storetest.Entry(audit.SignedIn)); err != nil {
		t.Fatal(err)
	}
	check := authn.New(s, tokens, secrettest.Source(), nil)
	refused := func(kind token.Type) bool {
		signed, err := tokens.Sign(ctx, ses.Claims(kind, time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		_, err = check.Identify(ctx, signed, authn.Request{Now: time.Now()})
		return err != nil
	}
	if refused(token.Access) {
		t.Fatal("a good access token is refused")
	}
	if refused(token.Session) {
		t.Fatal("a good session token is refused")
	}
	caller := gatewaytest.User(ses.UserID, ses.Email, ses.Role, "")
	caller[gateway.CtxSession] = ses.ID
	call := gatewaytest.Call{Method: "POST", Resource: "/api/auth/logout", Authorizer: caller}
	f := gateway.Protected(handler{s}.serve)
	answer := gatewaytest.Do(t, f, call)
	if answer.Status != 204 {
		t.Fatalf("status %d, want 204: %s", answer.Status, answer.Body)
	}
	if answer.Body != "" {
		t.Fatalf("body: %q, want none", answer.Body)
	}
	if !strings.Contains(answer.Header["Set-Cookie"], "Max-Age=0") {
		t.Error("the browser keeps its cookie")
	}
	if !refused(token.Access) {
		t.Error("the access token outlived its session")
	}
	if !refused(token.Session) {
		t.Error("the session token outlived its session")
	}
	if _, err := s.RotateSession(ctx, ses.ID, session.Refresh{Lifetime: time.Hour, Family: 24 * time.Hour, Now: time.Now()}); err == nil {
		t.Error("the refresh token outlived its session")
	}
	if again := gatewaytest.Do(t, f, call); again.Status != 204 {
		t.Errorf("two logouts at once: %d", again.Status)
	}
}

func TestAKeyHasNoSessionToEnd(t *testing.T) {
	answer := gatewaytest.Do(t, gateway.Protected(handler{storetest.New(t)}.serve), gatewaytest.Call{
		Method: "POST", Resource: "/api/auth/logout", Authorizer: gatewaytest.Key("k", "scoped", "usr_A", "prj_A", "admin"),
	})
	if answer.Status != 403 {
		t.Errorf("status %d, want 403: %s", answer.Status, answer.Body)
	}
	if answer.Code(t) != "FORBIDDEN" {
		t.Errorf("error_code: %v, want FORBIDDEN", answer.Code(t))
	}
}
