//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

// uses is what a key's log says of its use: requests and refusals, by action, API and route.
type uses map[string][2]int

func usesOf(t testing.TB, as, id string) uses {
	t.Helper()
	found := uses{}
	for _, e := range auditLog(t, as, id) {
		if e.Action != "used" && e.Action != "refused" {
			continue
		}
		name := e.Action
		if e.Action == "used" {
			name = e.Route
		}
		sum := found[name] // two entries, if the hour ends meanwhile
		found[name] = [2]int{sum[0] + e.Count, sum[1] + e.Refusals}
	}
	return found
}

// awaitUses waits for what a key's log must say, a minute at most: uses are counted by then.
// A log that says too much never gets right.
func awaitUses(t testing.TB, as, id string, want uses) {
	t.Helper()
	began := time.Now()
	for {
		got := usesOf(t, as, id)
		if maps.Equal(got, want) {
			t.Logf("the log was right after %v", time.Since(began).Round(100*time.Millisecond))
			return
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("after a minute the log has %v, want %v", got, want)
		}
		time.Sleep(500 * time.Millisecond)
	}
}

func lastUse(t testing.TB, as, id string) time.Time {
	t.Helper()
	for _, k := range decode[[]struct {
		ID         string     `json:"id"`
		LastUsedAt *time.Time `json:"last_used_at"`
	}](t, get(t, as, "/v1/api-keys").is(t, 200)) {
		if k.ID == id && k.LastUsedAt != nil {
			return *k.LastUsedAt
		}
	}
	return time.Time{}
}

func TestEachUseOfAKeyIsInItsLogOnceWithinAMinute(t *testing.T) {
	p := member(t)
	k := newKey(t, p.token, object{"scopes": []string{"read:stats"}})
	if at := lastUse(t, p.token, k.ID); !at.IsZero() {
		t.Errorf("a new key was last used at %v", at)
	}
	began := time.Now().Truncate(time.Second)
	for range 10 {
		get(t, k.Key, me).is(t, 200)
	}
	post(t, k.Key, "/v1/runs", nil).is(t, 403)
	awaitUses(t, p.token, k.ID, uses{"GET " + me: {10, 0}, "POST /v1/runs": {1, 1}})
	for _, e := range auditLog(t, p.token, k.ID) {
		if e.Action != "used" {
			continue
		}
		for name, value := range map[string]string{"address": e.Address, "user agent": e.UserAgent, "API": e.API} {
			if value == "" {
				t.Errorf("the use of %s has no %s", e.Route, name)
			}
		}
		expect.Same(t, "the use of "+e.Route+": the actor's type", e.Actor.Type, "key")
		expect.Same(t, "the use of "+e.Route+": the actor's id", e.Actor.ID, k.ID)
	}
	switch at := lastUse(t, p.token, k.ID); {
	case at.Before(began):
		t.Errorf("the key was last used at %v, before %v", at, began)
	case at.After(time.Now()):
		t.Errorf("the key was last used at %v, which is still to come", at)
	}
}

func TestWrongSecretIsNoUseOfTheKeyItNames(t *testing.T) {
	p := member(t)
	k := newKey(t, p.token, nil)
	for i := range 3 {
		get(t, withSecret(k.Key, fmt.Sprintf("%030d", i)), me).refused(t, 401, "API_KEY_INVALID")
	}
	awaitUses(t, p.token, k.ID, uses{"refused": {3, 3}})
	for _, e := range auditLog(t, p.token, k.ID) {
		if e.Action == "refused" {
			expect.Same(t, "the refusal's actor's type", e.Actor.Type, "unknown")
			expect.Same(t, "the refusal's actor's id", e.Actor.ID, "")
		}
	}
	if at := lastUse(t, p.token, k.ID); !at.IsZero() {
		t.Errorf("the key was last used at %v", at)
	}
}

func TestUseIsCountedThoughTheKeyIsDeletedAtOnce(t *testing.T) {
	p := member(t)
	k := newKey(t, p.token, nil)
	get(t, k.Key, me).is(t, 200)
	send(t, request{method: "DELETE", path: auditKeys + k.ID, as: p.token}).is(t, 204)
	awaitUses(t, p.token, k.ID, uses{"GET " + me: {1, 0}})
}

func TestClientOfOAuthUsesItsKey(t *testing.T) {
	p := member(t)
	k := newKey(t, p.token, object{"scopes": []string{"read:stats"}})
	form := func(secret string) answer {
		return send(t, request{method: "POST", path: "/oauth/token", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
			body: "grant_type=client_credentials&client_id=" + k.ID + "&client_secret=" + secret})
	}
	token := form(k.Key).is(t, 200).text(t, "access_token")
	form(withSecret(k.Key, fmt.Sprintf("%030d", 0))).is(t, 401)
	get(t, token, me).is(t, 200)
	awaitUses(t, p.token, k.ID, uses{"POST /oauth/token": {1, 0}, "refused": {1, 1}, "GET " + me: {1, 0}})
}

func TestReplayOfTheLogAddsNoUseTwice(t *testing.T) {
	needs(t, theLambda)
	p := member(t)
	k := newKey(t, p.token, nil)
	began := time.Now().Add(-time.Minute)
	for range 5 {
		get(t, k.Key, me).is(t, 200)
	}
	want := uses{"GET " + me: {5, 0}}
	awaitUses(t, p.token, k.ID, want)
	answer, failed := callFunction(t, "UsesReplayFunction", object{"from": began, "to": time.Now().Add(time.Minute)})
	if failed {
		t.Fatalf("the replay failed: %s", answer)
	}
	t.Logf("the replay: %s", answer)
	if got := usesOf(t, p.token, k.ID); !maps.Equal(got, want) {
		t.Errorf("after the replay the log has %v, want %v", got, want)
	}
	awaitUsage(t, p.token, map[string][2]int64{"GET " + me: {5, 0}}, "group", "route")
}
