package main

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/password/passwordtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

var ctx = context.Background()

func newFunction(t *testing.T, limits ratelimit.Limits) (gateway.Function, *token.Authority, *store.Store) {
	t.Helper()
	s := storetest.New(t)
	hash, err := passwordtest.Cost.Hash("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CreateUser(ctx, user.New("known@example.com", user.Admin, time.Now()), hash, storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	source := secret.NewSource(func(context.Context) (string, error) {
		return `{"current":"1","1":"` + strings.Repeat("s", 32) + `"}`, nil
	}, time.Now)
	tokens, err := token.NewAuthority("us", "them", source, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return gateway.Unlimited(handler{login.New(s, limits, passwordtest.Cost, time.Hour), tokens, time.Hour}.serve), tokens, s
}

func post(t *testing.T, f gateway.Function, body string) gatewaytest.Answer {
	t.Helper()
	return gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/v1/auth/login", Body: body})
}

func TestLoginGivesATokenOfASession(t *testing.T) {
	f, tokens, s := newFunction(t, ratelimit.Limits{})
	a := post(t, f, `{"email":"KNOWN@example.com","password":"correct horse"}`)
	raw, _ := a.JSON(t)["token"].(string)
	claims, err := tokens.Verify(ctx, raw, token.Session)
	if a.Status != 200 {
		t.Fatalf("status %d, want 200: %s", a.Status, a.Body)
	}
	if err != nil {
		t.Fatal(err)
	}
	if claims.Email != "known@example.com" {
		t.Fatalf("claims.Email: %v, want known@example.com", claims.Email)
	}
	if claims.Role != "admin" {
		t.Fatalf("claims.Role: %v, want admin", claims.Role)
	}
	if a.JSON(t)["expires_in"] != 3600.0 {
		t.Fatalf("expires_in: %v, want 3600.0", a.JSON(t)["expires_in"])
	}
	if a.Header["Cache-Control"] != "no-store" {
		t.Fatalf("Cache-Control: %v, want no-store", a.Header["Cache-Control"])
	}
	ses, _, err := s.CheckSession(ctx, claims.SessionID, nil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the user of the stored session", ses.UserID, claims.Subject)
}

func TestUnknownEmailAndWrongPasswordReadAlike(t *testing.T) {
	f, _, _ := newFunction(t, ratelimit.Limits{})
	known, unknown := post(t, f, `{"email":"known@example.com","password":"wrong"}`), post(t, f, `{"email":"nobody@example.com","password":"wrong"}`)
	expect.Same(t, "known's status", known.Status, 401)
	expect.Same(t, "error_code", known.Code(t), "INVALID_CREDENTIALS")
	expect.Same(t, "body", known.Body, unknown.Body)
	expect.Same(t, "len(known.Header)", len(known.Header), len(unknown.Header))
}

func TestLoginsToAnAccountAreLimitedWhetherItExistsOrNot(t *testing.T) {
	f, _, _ := newFunction(t, ratelimit.Limits{Window: 24 * time.Hour, Account: 2})
	for _, email := range []string{"known@example.com", "nobody@example.com"} {
		for i, want := range []int{401, 401, 429} {
			switch a := post(t, f, `{"email":"`+email+`","password":"wrong"}`); {
			case a.Status != want:
				t.Errorf("%s, try %d: status: %v, want %v", email, i+1, a.Status, want)
			case (want == 429) != (a.Header["Retry-After"] != ""):
				t.Errorf("%s, try %d: status %d with Retry-After %q", email, i+1, a.Status, a.Header["Retry-After"])
			}
		}
	}
	if a := post(t, f, `{"email":"Known@Example.com","password":"correct horse"}`); a.Status != 429 {
		t.Errorf("in other letters: %+v", a)
	}
}

func TestBadLoginIsRefusedAndNoPasswordLogged(t *testing.T) {
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	defer slog.SetDefault(before)
	f, _, _ := newFunction(t, ratelimit.Limits{})
	for body, want := range map[string]int{
		``: 400, `{`: 400, `[]`: 422, `{}`: 422, `{"email":"known@example.com"}`: 422, `{"email":"hush","password":"hush"}`: 422, `{"email":7,"password":"hush"}`: 422,
		`{"email":"known@example.com","password":["hush"]}`: 422, `{"email":"known@example.com","password":"hush","x":1}`: 422,
		`{"email":"known@example.com","password":"` + strings.Repeat("hush", 65) + `"}`: 422, `{"email":"known@example.com\u0000","password":"hush"}`: 422,
		`{"email":"` + strings.Repeat("a", 2000) + `@example.com","password":"hush"}`: 422, `{"email":"A <known@example.com>","password":"hush"}`: 422,
		`{"email":"known@example.com","password":"hush"}`: 401, `{"email":"known@example.com","password":"correct horse"}`: 200,
	} {
		if a := post(t, f, body); a.Status != want {
			t.Errorf("%.60s: %+v", body, a)
		}
	}
	expect.Same(t, "the log contains hush", strings.Contains(out.String(), "hush"), false)
	expect.Same(t, "the log contains horse", strings.Contains(out.String(), "horse"), false)
	expect.Same(t, "the log contains eyJ", strings.Contains(out.String(), "eyJ"), false)
}
