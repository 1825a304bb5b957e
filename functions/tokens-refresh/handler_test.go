package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// family is a session with the first refresh token of its family.
type family struct {
	store  *store.Store
	issuer session.Issuer
	ses    session.Session
	f      gateway.Function
}

func newFamily(t *testing.T) family {
	t.Helper()
	return familyOn(t, storetest.New(t))
}

func familyOn(t *testing.T, s *store.Store) family {
	t.Helper()
	issuer := session.Issuer{Tokens: tokentest.Authority(t), Access: time.Hour, Refresh: 720 * time.Hour, Family: 4320 * time.Hour}
	ses := session.New(user.New("ann@example.com", user.Member, time.Now()), issuer.Refresh, "192.0.2.7", "browser", time.Now())
	if err := s.CreateSession(context.Background(), ses, storetest.Entry(audit.SignedIn)); err != nil {
		t.Fatal(err)
	}
	return family{s, issuer, ses, gateway.Public(s, nil, handler{s, issuer, factor.Nobody, time.Hour}.serve)}
}

// refreshToken is the one of a generation.
func (f family) refreshToken(t *testing.T, generation int) string {
	t.Helper()
	ses := f.ses
	ses.Generation = generation
	pair, err := f.issuer.Pair(context.Background(), ses)
	if err != nil {
		t.Fatal(err)
	}
	return pair.RefreshToken
}

func (f family) refresh(t *testing.T, refreshToken string) gatewaytest.Answer {
	t.Helper()
	body, err := json.Marshal(map[string]string{"refresh_token": refreshToken})
	if err != nil {
		t.Fatal(err)
	}
	return f.post(t, string(body))
}

// from refreshes at another place, or with another client.
func (f family) from(t *testing.T, address, userAgent, refreshToken string) gatewaytest.Answer {
	t.Helper()
	return gatewaytest.Do(t, f.f, gatewaytest.Call{
		Method: "POST", Resource: "/api/auth/refresh", Address: address, Header: map[string]string{"User-Agent": userAgent},
		Body: `{"refresh_token": "` + refreshToken + `"}`,
	})
}

func (f family) post(t *testing.T, body string) gatewaytest.Answer {
	t.Helper()
	return gatewaytest.Do(t, f.f, gatewaytest.Call{Method: "POST", Resource: "/api/auth/refresh", Body: body})
}

func (f family) rotate(t *testing.T, generation int, ago time.Duration) {
	t.Helper()
	if _, err := f.store.RotateSession(context.Background(), f.ses.ID, session.Refresh{
		Generation: generation, Lifetime: f.issuer.Refresh, Family: f.issuer.Family, Now: time.Now().Add(-ago),
	}); err != nil {
		t.Fatal(err)
	}
}

func (f family) ended() bool {
	_, _, err := f.store.CheckSession(context.Background(), f.ses.ID, nil, time.Now())
	return errors.Is(err, session.ErrEnded)
}

func TestEachRefreshTokenGivesTheNext(t *testing.T) {
	f := newFamily(t)
	current := f.refreshToken(t, 0)
	for range 3 {
		answer := f.refresh(t, current)
		next, _ := answer.JSON(t)["refresh_token"].(string)
		if answer.Status != 200 {
			t.Fatalf("status %d, want 200: %s", answer.Status, answer.Body)
		}
		if next == "" {
			t.Fatal("next is empty")
		}
		if next == current {
			t.Fatalf("next: %v, want another than the one before", next)
		}
		if answer.JSON(t)["access_token"] == "" {
			t.Fatal("access_token is empty")
		}
		current = next
	}
}

func TestOfConcurrentRefreshesOneRotatesAndAllGetItsPair(t *testing.T) {
	f := newFamily(t)
	first := f.refreshToken(t, 0)
	answers := make([]gatewaytest.Answer, 20)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = f.refresh(t, first) })
	}
	wg.Wait()
	for _, a := range answers {
		if a.Status != 200 {
			t.Fatalf("status %d, want 200: %s", a.Status, a.Body)
		}
		if a.Body != answers[0].Body {
			t.Fatalf("body: %v, want %v", a.Body, answers[0].Body)
		}
	}
	ses, _, err := f.store.CheckSession(context.Background(), f.ses.ID, nil, time.Now())
	if err != nil || ses.Generation != 1 {
		t.Errorf("generation %d (%v), want 1", ses.Generation, err)
	}
}

func TestReplayWithinTheWindowIsAnsweredWithTheVerySamePair(t *testing.T) {
	f := newFamily(t)
	first := f.refreshToken(t, 0)
	once, again := f.refresh(t, first), f.refresh(t, first)
	expect.Same(t, "once's status", once.Status, 200)
	expect.Same(t, "body", once.Body, again.Body)
}

func TestReplayAfterTheWindowEndsTheSession(t *testing.T) {
	f := newFamily(t)
	f.rotate(t, 0, session.ReplayWindow)
	answer := f.refresh(t, f.refreshToken(t, 0))
	expect.Same(t, "status", answer.Status, 401)
	expect.Same(t, "error_code", answer.Code(t), "TOKEN_INVALID")
	expect.Same(t, "the session is ended", f.ended(), true)
	if latest := f.refresh(t, f.refreshToken(t, 1)); latest.Status != 401 {
		t.Errorf("the newest token of a revoked family: %d", latest.Status)
	}
}

func TestReplayOfAnOlderTokenEndsTheSessionAtOnce(t *testing.T) {
	f := newFamily(t)
	f.rotate(t, 0, 0)
	f.rotate(t, 1, 0)
	answer := f.refresh(t, f.refreshToken(t, 0))
	if answer.Status != 401 {
		t.Errorf("status %d, want 401: %s", answer.Status, answer.Body)
	}
	expect.Same(t, "the session is ended", f.ended(), true)
}

func TestARefusedRefreshLeavesTheSessionAsItWas(t *testing.T) {
	f := newFamily(t)
	pair, err := f.issuer.Pair(context.Background(), f.ses)
	if err != nil {
		t.Fatal(err)
	}
	expired := f.issuer
	expired.Refresh = -time.Minute
	old, err := expired.Pair(context.Background(), f.ses)
	if err != nil {
		t.Fatal(err)
	}
	quoted := func(text string) string { return `{"refresh_token":"` + text + `"}` }
	for _, c := range []struct {
		name, body string
		status     int
		code       string
	}{
		{"an access token", quoted(pair.AccessToken), 401, "TOKEN_INVALID"},
		{"an expired token", quoted(old.RefreshToken), 401, "TOKEN_EXPIRED"},
		{"a forged token", quoted(pair.RefreshToken[:len(pair.RefreshToken)-6] + "AAAAAA"), 401, "TOKEN_INVALID"},
		{"no token", `{}`, 422, "VALIDATION_ERROR"},
		{"a number", `{"refresh_token":7}`, 422, "VALIDATION_ERROR"},
		{"an unknown field", `{"refresh_token":"x","scope":"admin"}`, 422, "VALIDATION_ERROR"},
		{"no JSON", `refresh_token=x`, 400, "INVALID_JSON"},
		{"no body", "", 400, "INVALID_JSON"},
		{"too much", quoted(strings.Repeat("x", gateway.MaxBody)), 413, "BODY_TOO_LARGE"},
	} {
		switch answer := f.post(t, c.body); {
		case answer.Status != c.status:
			t.Errorf("%s: status %d, want %d: %s", c.name, answer.Status, c.status, answer.Body)
		case answer.Code(t) != c.code:
			t.Errorf("%s: error_code: %v, want %v", c.name, answer.Code(t), c.code)
		}
	}
	if answer := f.refresh(t, pair.RefreshToken); answer.Status != 200 {
		t.Errorf("after all that, the good token: %d %s", answer.Status, answer.Body)
	}
}

// browse refreshes as a page of this origin does, with that token in the cookie.
func (f family) browse(t *testing.T, refreshToken, body string) gatewaytest.Answer {
	t.Helper()
	return gatewaytest.Do(t, f.f, gatewaytest.Call{Method: "POST", Resource: "/api/auth/refresh", Body: body, Header: map[string]string{
		"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "Cookie": "__Secure-latchkey_refresh=" + refreshToken,
	}})
}

func TestTheCookieIsRotatedAndItsTokenIsNotShown(t *testing.T) {
	f := newFamily(t)
	first := f.browse(t, f.refreshToken(t, 0), `{"cookie": true}`)
	if first.Status != 200 {
		t.Fatalf("status %d, want 200: %s", first.Status, first.Body)
	}
	if strings.Contains(first.Body, "refresh_token") {
		t.Fatalf("the body has a refresh_token: %s", first.Body)
	}
	next, err := http.ParseSetCookie(first.Header["Set-Cookie"])
	if err != nil {
		t.Fatal(err)
	}
	if second := f.browse(t, next.Value, `{"cookie": true}`); second.Status != 200 {
		t.Errorf("the rotated cookie: %d %s", second.Status, second.Body)
	}
}

func TestTheCookieAloneRefreshesNothing(t *testing.T) {
	f := newFamily(t)
	good := f.refreshToken(t, 0)
	for _, body := range []string{`{}`, `{"cookie": false}`, `{"cookie": true, "refresh_token": "x"}`} {
		switch answer := f.browse(t, good, body); {
		case answer.Status != 422:
			t.Errorf("%s: status %d, want 422: %s", body, answer.Status, answer.Body)
		case answer.Header["Set-Cookie"] != "":
			t.Errorf("%s: Set-Cookie: %q, want none", body, answer.Header["Set-Cookie"])
		}
	}
	if answer := f.post(t, `{"cookie": true}`); answer.Status == 200 {
		t.Errorf("no cookie: %d %s", answer.Status, answer.Body)
	}
	if answer := f.refresh(t, good); answer.Status != 200 {
		t.Errorf("a refusal used the token up: %d %s", answer.Status, answer.Body)
	}
}
