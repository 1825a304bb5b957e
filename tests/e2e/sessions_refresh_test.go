//go:build e2e

package e2e

import (
	"strconv"
	"sync"
	"testing"
	"time"
)

// A pair is the answer of /api/auth/login and /api/auth/refresh.
type pair struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
}

// logInForPair logs in, with room in the window for the refreshes to come: one that has
// to wait for the next would be a replay that comes too late.
func logInForPair(t *testing.T, email, password string) pair {
	t.Helper()
	a := post(t, "", "/api/auth/login", object{"email": email, "password": password}).is(t, 200)
	if got := len(a.fields(t)); got != 4 {
		t.Errorf("the answer has %d fields, want 4", got)
	}
	in := decode[pair](t, a)
	if in.TokenType != "bearer" {
		t.Errorf("token_type is %q, want bearer", in.TokenType)
	}
	if in.ExpiresIn != accessLifetime {
		t.Errorf("expires_in is %d, want %d", in.ExpiresIn, accessLifetime)
	}
	remaining, err := strconv.Atoi(a.header.Get("X-RateLimit-Remaining"))
	if err != nil {
		t.Fatalf("X-RateLimit-Remaining: %v", err)
	}
	reset, err := strconv.ParseInt(a.header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		t.Fatalf("X-RateLimit-Reset: %v", err)
	}
	if remaining < 12 {
		time.Sleep(time.Until(time.Unix(reset, 0)))
	}
	return in
}

func logInAdmin(t *testing.T) pair {
	t.Helper()
	return logInForPair(t, admin(t).Email, admin(t).password)
}

func refresh(t testing.TB, refreshToken string) answer {
	t.Helper()
	return post(t, "", "/api/auth/refresh", object{"refresh_token": refreshToken})
}

func TestAccessTokenIsUsedAndRefreshed(t *testing.T) {
	in := logInAdmin(t)
	get(t, in.AccessToken, "/api/v1/users/me").is(t, 200)
	if a := get(t, in.RefreshToken, "/api/v1/users/me"); a.status != 401 {
		t.Errorf("a refresh token as a bearer: %d %s", a.status, a.body)
	}
	a := refresh(t, in.RefreshToken).is(t, 200)
	if got := len(a.fields(t)); got != 4 {
		t.Errorf("the answer has %d fields, want 4", got)
	}
	next := decode[pair](t, a)
	if next.RefreshToken == in.RefreshToken {
		t.Error("the refresh token is the old one")
	}
	get(t, next.AccessToken, "/api/v1/users/me").is(t, 200)
}

func TestStolenRefreshTokenEndsTheFamilyAndALostAnswerDoesNot(t *testing.T) {
	t.Parallel() // it waits most of its time
	first := logInAdmin(t)
	answers, errs := make([]answer, 8), make([]error, 8)
	var wg sync.WaitGroup
	for i := range answers {
		wg.Go(func() {
			answers[i], errs[i] = try(t, patient, request{method: "POST", path: "/api/auth/refresh", body: object{"refresh_token": first.RefreshToken}})
		})
	}
	wg.Wait()
	for i, a := range answers {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if a.status != 200 {
			t.Fatalf("status %d, want 200: %s", a.status, a.body)
		}
		if string(a.body) != string(answers[0].body) {
			t.Fatalf("%s\nis not\n%s", a.body, answers[0].body)
		}
	}
	newest := decode[pair](t, answers[0])
	time.Sleep(11 * time.Second) // the replay window
	refresh(t, first.RefreshToken).refused(t, 401, "TOKEN_INVALID")
	if a := get(t, newest.AccessToken, me); a.status != 401 {
		t.Errorf("an access token of the family: %d %s", a.status, a.body)
	}
	if a := refresh(t, newest.RefreshToken); a.status != 401 {
		t.Errorf("the newest refresh token: %d %s", a.status, a.body)
	}
}

func TestAThiefWithAnotherClientIsFoundOutWithinTheReplayWindow(t *testing.T) {
	in := logInAdmin(t)
	next := decode[pair](t, refresh(t, in.RefreshToken).is(t, 200))
	stolen := send(t, request{method: "POST", path: "/api/auth/refresh", body: object{"refresh_token": in.RefreshToken},
		header: map[string]string{"User-Agent": "another client"}})
	stolen.refused(t, 401, "TOKEN_INVALID")
	get(t, next.AccessToken, me).refused(t, 401, "TOKEN_INVALID")
}

// A session as its user sees it.
type session struct {
	ID      string `json:"id"`
	Current bool   `json:"current"`
	Address string `json:"address"`
}

func sessionsOf(t testing.TB, as string) []session {
	t.Helper()
	return decode[struct {
		Sessions []session `json:"sessions"`
	}](t, get(t, as, "/v1/auth/sessions").is(t, 200)).Sessions
}

func TestUserSeesWhereTheyAreLoggedInAndEndsIt(t *testing.T) {
	here, there := logInAdmin(t), logInAdmin(t)
	sessions := sessionsOf(t, here.AccessToken)
	if len(sessions) < 2 {
		t.Fatalf("%d sessions are listed, want at least 2", len(sessions))
	}
	for i, want := range []bool{false, true} {
		if sessions[i].Current != want {
			t.Fatalf("of session %d, current is %t, want %t", i, sessions[i].Current, want)
		}
	}
	send(t, request{method: "DELETE", path: "/v1/auth/sessions/" + sessions[0].ID, as: here.AccessToken}).is(t, 204)
	get(t, there.AccessToken, me).refused(t, 401, "TOKEN_INVALID")
	post(t, here.AccessToken, "/api/auth/logout", nil).is(t, 204)
	if a := get(t, here.AccessToken, me); a.status != 401 {
		t.Errorf("after the logout: %d %s", a.status, a.body)
	}
	if a := refresh(t, here.RefreshToken); a.status != 401 {
		t.Errorf("a refresh after the logout: %d %s", a.status, a.body)
	}
	if a := get(t, newKey(t, admin(t).token, object{"scopes": []string{"admin"}}).Key, "/v1/auth/sessions"); a.status != 403 {
		t.Errorf("a key: %d %s", a.status, a.body)
	}
}
