//go:build e2e

package e2e

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

type verified struct {
	Valid   bool
	Code    string
	KeyID   string `json:"key_id"`
	OwnerID string `json:"owner_id"`
	Limit   *struct {
		Category         string
		Limit, Remaining int
	}
}

func verify(t testing.TB, as string, body object) verified {
	t.Helper()
	return decode[verified](t, post(t, as, "/v1/keys/verify", body).is(t, 200))
}

func TestServerWithoutTheAuthorizerChecksAKeyAsTheAuthorizerDoes(t *testing.T) {
	p := admin(t)
	server := newKey(t, p.token, object{"scopes": []string{"verify:keys"}})
	k := newKey(t, p.token, object{"scopes": []string{"read:stats"}, "rate_limit": object{"read": 5}})
	send(t, request{method: "GET", path: me, as: k.Key}).is(t, 200)
	got := verify(t, server.Key, object{"key": k.Key, "method": "GET", "path": "/api/stats", "address": "203.0.113.9", "api": "shop/prod"})
	expect.Same(t, "the code", got.Code, "VALID")
	expect.Same(t, "the key", got.KeyID, k.ID)
	expect.Same(t, "what remains of the limit that both count", got.Limit.Remaining, 3)
	expect.Same(t, "the code of a route that is not open",
		verify(t, server.Key, object{"key": k.Key, "method": "POST", "path": "/api/stats"}).Code, "INSUFFICIENT_SCOPE")
	awaitUses(t, p.token, k.ID, uses{"GET /v1/auth/me": {1, 0}, "GET /api/stats": {1, 0}, "POST *": {1, 1}})

	patch(t, p.token, k.ID, object{"disabled": true}).is(t, 200)
	expect.Same(t, "the code once it is disabled", verify(t, server.Key, object{"key": k.Key}).Code, "API_KEY_DISABLED")
	patch(t, p.token, k.ID, object{"disabled": false}).is(t, 200)
	expect.Same(t, "the code once it is enabled", verify(t, server.Key, object{"key": k.Key, "dry_run": true}).Code, "VALID")
	revoke(t, p.token, k.ID)
	expect.Same(t, "the code once it is revoked", verify(t, server.Key, object{"key": k.Key}).Code, "API_KEY_REVOKED")
}

func TestAnotherProjectsKeyIsNoKeyToAVerifyingServer(t *testing.T) {
	p, victim := admin(t), member(t)
	server := newKey(t, p.token, object{"scopes": []string{"admin"}})
	theirs := newKey(t, victim.token, object{"rate_limit": object{"read": 2}})
	far := newKey(t, p.token, object{"project_id": newProject(t, p.token, "far_").ID})
	for _, text := range []string{theirs.Key, far.Key, "gf_mistyped", "a.b.c"} {
		got := verify(t, server.Key, object{"key": text, "address": "203.0.113.9"})
		got.Limit = nil // of wrong keys
		expect.Same(t, "the answer", fmt.Sprint(got), fmt.Sprint(verified{Code: "API_KEY_INVALID"}))
	}
	expect.Same(t, "with the scope for all keys", verify(t, newKey(t, p.token, object{"scopes": []string{"verify:keys", "verify:all_keys"}}).Key,
		object{"key": theirs.Key}).OwnerID, victim.ID)
	expect.Same(t, "its owner, logged in", verify(t, victim.token, object{"key": theirs.Key}).Valid, true)
	post(t, victim.token, "/v1/api-keys", object{"name": "x", "scopes": []string{"verify:all_keys"}}).refused(t, 403, "INSUFFICIENT_SCOPE")
	post(t, newKey(t, victim.token, nil).Key, "/v1/keys/verify", object{"key": theirs.Key}).refused(t, 403, "INSUFFICIENT_SCOPE")
}

func TestLimitIsExactForServersThatVerifyAtTheSameTime(t *testing.T) {
	p := admin(t)
	server := newKey(t, p.token, object{"scopes": []string{"verify:keys"}, "rate_limit": 1_000_000})
	k := newKey(t, p.token, object{"rate_limit": object{"write": 40}})
	var valid, refused atomic.Int64
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			var keys []object
			for range 10 {
				keys = append(keys, object{"key": k.Key, "method": "POST"})
			}
			results := decode[struct{ Results []verified }](t, post(t, server.Key, "/v1/keys/verify", object{"keys": keys}).is(t, 200)).Results
			for _, one := range results {
				switch one.Code {
				case "VALID":
					valid.Add(1)
				case "RATE_LIMIT_EXCEEDED":
					refused.Add(1)
				default:
					t.Errorf("an answer is %s", one.Code)
				}
			}
		})
	}
	all.Wait()
	if n := valid.Load(); n < 40 || n > 80 || n+refused.Load() != 100 { // in two windows at most
		t.Errorf("%d of 100 are valid and %d over the limit, which is 40 a window", n, refused.Load())
	}
}
