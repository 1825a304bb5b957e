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
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/password/passwordtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func setup(t *testing.T, limits ratelimit.Limits) (*store.Store, gateway.Function) {
	s := storetest.New(t)
	hash, err := passwordtest.Cost.Hash("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CreateUser(context.Background(), user.New("ann@example.com", user.Member, time.Now()), hash, storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	issuer := session.Issuer{Tokens: tokentest.Authority(t), Access: time.Hour, Refresh: 720 * time.Hour}
	return s, gateway.Public(s, limits.For(ratelimit.Auth), handler{login.New(s, limits, passwordtest.Cost, time.Hour), issuer}.serve)
}

func post(t *testing.T, f gateway.Function, body string) gatewaytest.Answer {
	return gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/api/auth/login", Body: body,
		Header: map[string]string{"Content-Type": "application/json", "User-Agent": "browser"}})
}

const good = `{"email": "Ann@example.com", "password": "correct horse"}`

func TestLoginGivesAnAccessTokenThatOpensAndARefreshTokenThatDoesNot(t *testing.T) {
	s, f := setup(t, ratelimit.Limits{})
	answer := post(t, f, good)
	body := answer.JSON(t)
	if answer.Status != 200 {
		t.Fatalf("status %d, want 200: %s", answer.Status, answer.Body)
	}
	if body["token_type"] != "bearer" {
		t.Fatalf("token_type: %v, want bearer", body["token_type"])
	}
	if body["expires_in"] != 3600.0 {
		t.Fatalf("expires_in: %v, want 3600.0", body["expires_in"])
	}
	if len(body) != 4 {
		t.Fatalf("len(body): %v, want 4", len(body))
	}
	if answer.Header["Cache-Control"] != "no-store" {
		t.Error("tokens may be cached")
	}
	check := authn.New(s, tokentest.Authority(t), secrettest.Source(), nil)
	if _, err := check.Identify(context.Background(), body["access_token"].(string), authn.Request{Now: time.Now()}); err != nil {
		t.Errorf("the access token is refused: %v", err)
	}
	if _, err := check.Identify(context.Background(), body["refresh_token"].(string), authn.Request{Now: time.Now()}); err == nil {
		t.Error("the refresh token opens the API")
	}
}

func TestUnknownEmailAndWrongPasswordGetTheSameAnswer(t *testing.T) {
	_, f := setup(t, ratelimit.Limits{})
	wrong := post(t, f, `{"email": "ann@example.com", "password": "wrong horse"}`)
	unknown := post(t, f, `{"email": "bob@example.com", "password": "correct horse"}`)
	expect.Same(t, "wrong's status", wrong.Status, 401)
	expect.Same(t, "error_code", wrong.Code(t), "INVALID_CREDENTIALS")
	expect.Same(t, "body", wrong.Body, unknown.Body)
	if unknown.Status != 401 {
		t.Errorf("status %d, want 401: %s", unknown.Status, unknown.Body)
	}
}

func TestLoginsOfOneAddressAreLimited(t *testing.T) {
	_, f := setup(t, ratelimit.Limits{Window: 24 * time.Hour, Max: map[ratelimit.Category]int{ratelimit.Auth: 1}})
	first := post(t, f, good)
	if first.Status != 200 {
		t.Errorf("status %d, want 200: %s", first.Status, first.Body)
	}
	expect.Same(t, "X-RateLimit-Remaining", first.Header["X-RateLimit-Remaining"], "0")
	second := post(t, f, good)
	expect.Same(t, "second's status", second.Status, 429)
	expect.Same(t, "error_code", second.Code(t), "RATE_LIMIT_EXCEEDED")
	if second.Header["Retry-After"] == "" {
		t.Error("Retry-After is empty")
	}
}

func TestABrowsersRefreshTokenIsInItsCookie(t *testing.T) {
	_, f := setup(t, ratelimit.Limits{})
	answer := post(t, f, `{"email": "ann@example.com", "password": "correct horse", "cookie": true}`)
	body := answer.JSON(t)
	if answer.Status != 200 {
		t.Errorf("status %d, want 200: %s", answer.Status, answer.Body)
	}
	if body["access_token"] == nil {
		t.Error("there is no access_token")
	}
	if body["refresh_token"] != nil {
		t.Errorf("refresh_token: %v, want none", body["refresh_token"])
	}
	if !strings.HasPrefix(answer.Header["Set-Cookie"], "__Secure-latchkey_refresh=ey") {
		t.Errorf("Set-Cookie %q", answer.Header["Set-Cookie"])
	}
	if plain := post(t, f, good); plain.Header["Set-Cookie"] != "" {
		t.Error("a cookie that nobody asked for")
	}
}

func TestAnotherSiteCannotLogABrowserIn(t *testing.T) {
	_, f := setup(t, ratelimit.Limits{})
	answer := gatewaytest.Do(t, f, gatewaytest.Call{
		Method: "POST", Resource: "/api/auth/login", Body: `{"email": "ann@example.com", "password": "correct horse", "cookie": true}`,
		Header: map[string]string{"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"},
	})
	if answer.Status != 403 {
		t.Errorf("status %d, want 403: %s", answer.Status, answer.Body)
	}
	expect.Same(t, "Set-Cookie", answer.Header["Set-Cookie"], "")
}
