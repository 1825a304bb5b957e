//go:build e2e

package e2e

import (
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

func patch(t testing.TB, as, id string, body any) answer {
	t.Helper()
	return send(t, request{method: "PATCH", path: "/v1/api-keys/" + id, as: as, body: body})
}

func patched(t testing.TB, as, id string, body any) key {
	t.Helper()
	return decode[key](t, patch(t, as, id, body).is(t, 200))
}

func TestDisabledKeyOpensNothingThatWasMadeFromItEitherUntilItIsEnabled(t *testing.T) {
	p := admin(t)
	old := newKey(t, p.token, object{"scopes": []string{"admin"}})
	other := newKey(t, p.token, nil)
	k := regenerated(t, p.token, old.ID, object{"grace_seconds": 3600})
	token := post(t, "", "/oauth/token", clientForm(k)).is(t, 200).text(t, "access_token")
	run := newRun(t, k.Key)
	ticket := post(t, k.Key, run+"/ticket", nil).is(t, 201).text(t, "token")
	form := clientForm(k)
	introspect := func(text string) any {
		f := clientForm(other)
		f.Set("token", text)
		return post(t, "", "/oauth/introspect", f).is(t, 200).fields(t)["active"]
	}
	for _, text := range []string{k.Key, old.Key, token} {
		expect.Same(t, "introspection of an enabled key", introspect(text), any(true))
	}

	expect.Same(t, "the status", patched(t, p.token, k.ID, object{"disabled": true}).Status, "disabled")
	for _, text := range []string{k.Key, old.Key, token} {
		send(t, request{method: "GET", path: me, as: text}).refused(t, 401, "API_KEY_DISABLED")
		expect.Same(t, "introspection of a disabled key", introspect(text), any(false))
	}
	send(t, request{method: "GET", path: run + "/events/stream?token=" + url.QueryEscape(ticket)}).refused(t, 401, "API_KEY_DISABLED")
	expect.Same(t, "a token from a disabled key", post(t, "", "/oauth/token", form).is(t, 401).fields(t)["error"], any("invalid_client"))
	patch(t, k.Key, other.ID, object{"label": "x"}).refused(t, 401, "API_KEY_DISABLED")

	expect.Same(t, "the status", patched(t, p.token, k.ID, object{"disabled": false}).Status, "active")
	for _, text := range []string{k.Key, old.Key, token} {
		send(t, request{method: "GET", path: me, as: text}).is(t, 200)
	}
	send(t, request{method: "GET", path: run + "/events/stream?token=" + url.QueryEscape(ticket)}).is(t, 200)
}

func TestChangeOfAKeyHoldsOnItsNextRequest(t *testing.T) {
	t.Parallel() // it waits most of its time
	p := admin(t)
	k := newKey(t, p.token, object{"scopes": []string{"read:stats"}})
	send(t, request{method: "GET", path: "/v1/runs", as: k.Key}).refused(t, 403, "INSUFFICIENT_SCOPE")
	patch(t, p.token, k.ID, object{"scopes": []string{"read:events"}}).is(t, 200)
	send(t, request{method: "GET", path: "/v1/runs", as: k.Key}).is(t, 200)
	patch(t, p.token, k.ID, object{"allowed_ips": []string{"203.0.113.77"}}).is(t, 200)
	send(t, request{method: "GET", path: me, as: k.Key}).refused(t, 403, "FORBIDDEN")
	patch(t, p.token, k.ID, object{"allowed_ips": nil, "rate_limit": object{"read": 1}}).is(t, 200)
	limited := 0
	for range 3 { // in two windows at most
		if sendOnce(t, request{method: "GET", path: me, as: k.Key}).status == 429 {
			limited++
		}
	}
	if limited == 0 {
		t.Error("of three requests none is refused, and the limit is one")
	}
	patch(t, p.token, k.ID, object{"rate_limit": nil}).is(t, 200)
	send(t, request{method: "GET", path: me, as: k.Key}).is(t, 200)
	soon := time.Now().Add(3 * time.Second).UTC()
	patch(t, p.token, k.ID, object{"expires_at": soon.Format(time.RFC3339)}).is(t, 200)
	time.Sleep(time.Until(soon))
	send(t, request{method: "GET", path: me, as: k.Key}).refused(t, 401, "API_KEY_EXPIRED")
	patch(t, p.token, k.ID, object{"expires_at": nil}).refused(t, 409, "KEY_REVOKED")
}

func TestChangeIsInTheKeysLogWithWhatItWasAndWhatItIs(t *testing.T) {
	p := admin(t)
	k := newKey(t, p.token, object{"metadata": object{"team": "a"}})
	send(t, request{method: "PATCH", path: "/v1/api-keys/" + k.ID, as: p.token, body: `{"metadata":{"team":"b"},"disabled":true}`,
		header: map[string]string{"Content-Type": "application/merge-patch+json"}}).is(t, 200)
	patch(t, p.token, k.ID, object{"disabled": true}).is(t, 200) // it is
	entries := get(t, p.token, "/api/v1/auth/api-keys/"+k.ID+"/audit-log").is(t, 200).fields(t)["entries"].([]any)
	expect.Same(t, "entries", len(entries), 2)
	newest := entries[0].(map[string]any)
	expect.Same(t, "the action", newest["action"], any("updated"))
	expect.Same(t, "the actor", newest["actor"].(map[string]any)["id"], any(p.ID))
	expect.Same(t, "the place in the chain", newest["chain"].(map[string]any)["seq"], any(2.0))
	want := map[string]any{"metadata_from": `{"team":"a"}`, "metadata_to": `{"team":"b"}`, "disabled_from": "false", "disabled_to": "true"}
	expect.Same(t, "the detail", fmt.Sprint(newest["detail"]), fmt.Sprint(want))
}

func TestKeyThatAKeyLengthenedStaysInTheCascadeOfItsMaker(t *testing.T) {
	p := admin(t)
	maker := newKey(t, p.token, object{"scopes": []string{"admin"}})
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339) }
	made := newKey(t, maker.Key, object{"expires_at": in(time.Hour)})
	given := newKey(t, p.token, object{"expires_at": in(time.Hour)})
	regenerated(t, maker.Key, given.ID, nil)
	widened := newKey(t, p.token, object{"scopes": []string{"read:stats"}})
	for _, k := range []key{made, given} {
		patch(t, p.token, k.ID, object{"expires_at": in(2 * time.Hour)}).is(t, 200)
	}
	patch(t, maker.Key, widened.ID, object{"scopes": []string{"read:stats", "read:events"}}).is(t, 200)
	patch(t, p.token, made.ID, object{"disabled": true}).is(t, 200)
	expect.Same(t, "others that the cascade ends", revokedWith(t, p.token, maker.ID, object{"cascade": true}).AlsoRevoked, 3)
	patch(t, p.token, made.ID, object{"disabled": false}).refused(t, 409, "KEY_REVOKED")
}

func TestKeyWidensAnotherOnlyUpToItself(t *testing.T) {
	p := admin(t)
	address, _ := ownAddress(t, p.token)
	manager := newKey(t, p.token, object{"scopes": []string{"admin"}, "allowed_ips": []string{address.String()}})
	k := newKey(t, p.token, object{"allowed_ips": []string{address.String()}, "rate_limit": object{"read": 50}})
	patch(t, manager.Key, k.ID, object{"allowed_ips": nil}).refused(t, 422, "VALIDATION_ERROR")
	patch(t, manager.Key, k.ID, object{"label": "renamed", "rate_limit": object{"read": 40}}).is(t, 200)
	free := newKey(t, p.token, nil)
	patch(t, manager.Key, free.ID, object{"disabled": true}).is(t, 200)
	patch(t, manager.Key, free.ID, object{"disabled": false}).refused(t, 403, "FORBIDDEN")
	send(t, request{method: "GET", path: me, as: free.Key}).refused(t, 401, "API_KEY_DISABLED")
	m := member(t)
	own := newKey(t, m.token, nil)
	patch(t, m.token, own.ID, object{"scopes": []string{"admin"}}).refused(t, 403, "INSUFFICIENT_SCOPE")
	patch(t, own.Key, own.ID, object{"label": "x"}).refused(t, 403, "INSUFFICIENT_SCOPE") // it has no scope admin
}

func TestOfConcurrentChangesOfAKeyNoneIsLost(t *testing.T) {
	p := admin(t)
	k := newKey(t, p.token, nil)
	const callers = 10
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() { patch(t, p.token, k.ID, object{"metadata": object{fmt.Sprint("n", i): "x"}}).is(t, 200) })
	}
	all.Wait()
	metadata := patch(t, p.token, k.ID, object{}).is(t, 200).fields(t)["metadata"].(map[string]any)
	expect.Same(t, "what the key has of the changes", len(metadata), callers)
}
