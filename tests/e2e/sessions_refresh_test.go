//go:build e2e

package e2e

import (
	"os"
	"strconv"
	"sync"
	"testing"
	"time"
)

// sessionsLogin logs in, with room in the window for the refreshes to come: one that has
// to wait for the next would be a replay that comes too late.
func sessionsLogin(t *testing.T) oauthAnswer {
	t.Helper()
	a := oauthCall(t, "POST", "/api/auth/login", "", map[string]string{
		"email": os.Getenv("ADMIN_EMAIL"), "password": os.Getenv("ADMIN_PASSWORD"),
	})
	if a.status != 200 || a.string("token_type") != "bearer" || a.body["expires_in"] != 3600.0 || len(a.body) != 4 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	remaining, err := strconv.Atoi(a.header.Get("X-RateLimit-Remaining"))
	if reset, err2 := strconv.ParseInt(a.header.Get("X-RateLimit-Reset"), 10, 64); err != nil || err2 != nil {
		t.Fatalf("no limit is shown: %v", a.header)
	} else if remaining < 20 {
		time.Sleep(time.Until(time.Unix(reset, 0)))
	}
	return a
}

func sessionsRefresh(t *testing.T, refreshToken string) oauthAnswer {
	t.Helper()
	return oauthCall(t, "POST", "/api/auth/refresh", "", map[string]string{"refresh_token": refreshToken})
}

// Seed 003, "Login", "Use the Access Token", "Refresh the Token".
func TestSeed003LoginUseRefresh(t *testing.T) {
	pair := sessionsLogin(t)
	if a := oauthCall(t, "GET", "/api/v1/users/me", pair.string("access_token"), nil); a.status != 200 {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := oauthCall(t, "GET", "/api/v1/users/me", pair.string("refresh_token"), nil); a.status != 401 {
		t.Errorf("a refresh token as a bearer: %d %s", a.status, a.text)
	}
	next := sessionsRefresh(t, pair.string("refresh_token"))
	if next.status != 200 || next.string("refresh_token") == pair.string("refresh_token") || len(next.body) != 4 {
		t.Fatalf("%d %s", next.status, next.text)
	}
	if a := oauthCall(t, "GET", "/api/v1/users/me", next.string("access_token"), nil); a.status != 200 {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestStolenRefreshTokenEndsTheFamilyAndALostAnswerDoesNot(t *testing.T) {
	first := sessionsLogin(t)
	answers := make([]oauthAnswer, 8)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() { answers[i] = sessionsRefresh(t, first.string("refresh_token")) })
	}
	wg.Wait()
	for _, a := range answers {
		if a.status != 200 || a.text != answers[0].text {
			t.Fatalf("%d %s\nis not\n%s", a.status, a.text, answers[0].text)
		}
	}
	time.Sleep(11 * time.Second) // the replay window
	if a := sessionsRefresh(t, first.string("refresh_token")); a.status != 401 || a.string("error_code") != "TOKEN_INVALID" {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := oauthCall(t, "GET", "/v1/auth/me", answers[0].string("access_token"), nil); a.status != 401 {
		t.Errorf("an access token of the family: %d %s", a.status, a.text)
	}
	if a := sessionsRefresh(t, answers[0].string("refresh_token")); a.status != 401 {
		t.Errorf("the newest refresh token: %d %s", a.status, a.text)
	}
}

func TestUserSeesWhereTheyAreLoggedInAndEndsIt(t *testing.T) {
	here, there := sessionsLogin(t), sessionsLogin(t)
	a := oauthCall(t, "GET", "/v1/auth/sessions", here.string("access_token"), nil)
	sessions, _ := a.body["sessions"].([]any)
	if a.status != 200 || len(sessions) < 2 || sessions[0].(map[string]any)["current"] != false || sessions[1].(map[string]any)["current"] != true {
		t.Fatalf("%d %s", a.status, a.text)
	}
	id := sessions[0].(map[string]any)["id"].(string)
	if a := oauthCall(t, "DELETE", "/v1/auth/sessions/"+id, here.string("access_token"), nil); a.status != 204 {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := oauthCall(t, "GET", "/v1/auth/me", there.string("access_token"), nil); a.status != 401 || a.string("error_code") != "TOKEN_INVALID" {
		t.Errorf("the session that was ended: %d %s", a.status, a.text)
	}
	if a := oauthCall(t, "POST", "/api/auth/logout", here.string("access_token"), nil); a.status != 204 {
		t.Errorf("%d %s", a.status, a.text)
	}
	if a := oauthCall(t, "GET", "/v1/auth/me", here.string("access_token"), nil); a.status != 401 {
		t.Errorf("after the logout: %d %s", a.status, a.text)
	}
	if a := sessionsRefresh(t, here.string("refresh_token")); a.status != 401 {
		t.Errorf("a refresh after the logout: %d %s", a.status, a.text)
	}
	_, full := oauthKey(t, "admin")
	if a := oauthCall(t, "GET", "/v1/auth/sessions", full, nil); a.status != 403 {
		t.Errorf("a key: %d %s", a.status, a.text)
	}
}
