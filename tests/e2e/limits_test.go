//go:build e2e

package e2e

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

var limitHeaders = []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit", "RateLimit-Policy"}

func TestEveryAnswerOfALimitedRouteSaysWhereTheCallerStands(t *testing.T) {
	p := owner(t)
	k := newKey(t, p.token, object{"rate_limit": 60})
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	for _, r := range []request{
		{method: "GET", path: me, as: k.Key},
		{method: "GET", path: me, as: p.token},
		{method: "GET", path: "/v1/api-keys?limit=x", as: p.token},
		{method: "GET", path: "/v1/auth/sessions", as: p.token},
		{method: "POST", path: "/v1/auth/login", body: object{"email": "nobody@example.com", "password": "not a password"}},
		{method: "POST", path: "/api/auth/refresh", body: object{"refresh_token": "x"}},
		{method: "POST", path: "/oauth/token", body: "x"},
		{method: "POST", path: "/oauth/introspect", body: "client_id=x&client_secret=x", header: form},
		{method: "POST", path: "/oauth/revoke", body: "client_id=x&client_secret=x", header: form},
	} {
		a := send(t, r)
		for _, name := range limitHeaders {
			if a.header.Get(name) == "" {
				t.Errorf("%s: %d without %s", a.asked, a.status, name)
			}
		}
	}
}

// 20 callers, limit 5: five are admitted, and after Retry-After five more.
func TestExactlyTheLimitIsAdmittedAndRetryAfterIsTrue(t *testing.T) {
	t.Parallel() // it waits most of its time
	const limit, callers = 5, 20
	k := newKey(t, admin(t).token, object{"rate_limit": object{"read": limit}})
	untilEarly(t)
	for round := range 2 {
		var mu sync.Mutex
		var all sync.WaitGroup
		admitted, wait := 0, 0
		for range callers {
			all.Go(func() {
				a, err := try(t, client, request{method: "GET", path: me, as: k.Key})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err != nil:
					t.Error(err)
				case a.status == http.StatusOK:
					admitted++
				case a.status == http.StatusTooManyRequests:
					wait, err = strconv.Atoi(a.header.Get("Retry-After"))
					if err != nil || wait < 1 {
						t.Errorf("429 with Retry-After %q", a.header.Get("Retry-After"))
					}
					expect.Same(t, "X-RateLimit-Remaining of a 429", a.header.Get("X-RateLimit-Remaining"), "0")
				default:
					t.Errorf("%d: %s", a.status, a.body)
				}
			})
		}
		all.Wait()
		if admitted != limit {
			t.Fatalf("round %d: %d of %d were admitted, want %d", round+1, admitted, callers, limit)
		}
		if round == 0 {
			time.Sleep(time.Duration(wait) * time.Second)
		}
	}
}

// untilEarly waits for a moment well within a window, so that the test's requests do not
// fall into two. Another key of the same deployment tells where the window ends.
func untilEarly(t *testing.T) {
	t.Helper()
	probe := newKey(t, admin(t).token, nil)
	a := send(t, request{method: "GET", path: me, as: probe.Key}).is(t, 200)
	reset, err := strconv.ParseInt(a.header.Get("X-RateLimit-Reset"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(time.Unix(reset, 0)); left < 10*time.Second {
		time.Sleep(left + time.Second)
	}
}

func TestLoginsToOneAccountAreLimitedWhateverThePassword(t *testing.T) {
	p := register(t)
	untilEarly(t)
	for range 300 {
		a := sendOnce(t, request{method: "POST", path: "/v1/auth/login", body: object{"email": p.Email, "password": "not the password"}})
		if a.status == http.StatusTooManyRequests {
			if seconds, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || seconds < 1 {
				t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
			}
			a.refused(t, 429, "RATE_LIMIT_EXCEEDED")
			right := sendOnce(t, request{method: "POST", path: "/v1/auth/login", body: object{"email": p.Email, "password": p.password}})
			right.refused(t, 429, "RATE_LIMIT_EXCEEDED")
			return
		}
		a.refused(t, 401, "INVALID_CREDENTIALS")
	}
	t.Error("300 guesses in a window were not enough")
}
