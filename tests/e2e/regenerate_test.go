//go:build e2e

package e2e

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

func regenerate(t testing.TB, as, id string, body any) answer {
	t.Helper()
	return send(t, request{method: "POST", path: "/api/v1/auth/api-keys/" + id + "/regenerate", as: as, body: body})
}

func regenerated(t testing.TB, as, id string, body any) key {
	t.Helper()
	return decode[key](t, regenerate(t, as, id, body).is(t, 200))
}

func TestRegeneratedKeyKeepsItsIDAndTheOldSecretDiesAtOnce(t *testing.T) {
	p := admin(t)
	for _, body := range []any{nil, object{}, object{"grace_seconds": 0}} {
		old := newKey(t, p.token, object{"scopes": []string{"read:stats"}})
		fresh := regenerated(t, p.token, old.ID, body)
		expect.Same(t, "the id", fresh.ID, old.ID)
		expect.Same(t, "the name", fresh.Name, old.Name)
		expect.Same(t, "the scope", fresh.Scopes[0], "read:stats")
		if fresh.Key == old.Key {
			t.Error("the key is the old one")
		}
		send(t, request{method: "GET", path: me, as: old.Key}).refused(t, 401, "API_KEY_INVALID")
		send(t, request{method: "GET", path: me, as: fresh.Key}).is(t, 200)
	}
}

func TestOldSecretIsGoodUntilTheGraceEnds(t *testing.T) {
	p := admin(t)
	old := newKey(t, p.token, nil)
	fresh := regenerated(t, p.token, old.ID, object{"grace_seconds": 2})
	latest := time.Now().Add(2 * time.Second)
	send(t, request{method: "GET", path: me, as: old.Key}).is(t, 200)
	send(t, request{method: "GET", path: me, as: fresh.Key}).is(t, 200)
	time.Sleep(time.Until(latest) + 100*time.Millisecond)
	send(t, request{method: "GET", path: me, as: old.Key}).refused(t, 401, "API_KEY_INVALID")
	send(t, request{method: "GET", path: me, as: fresh.Key}).is(t, 200)
}

func TestRevocationEndsTheGraceToo(t *testing.T) {
	p := admin(t)
	old := newKey(t, p.token, nil)
	fresh := regenerated(t, p.token, old.ID, object{"grace_seconds": 3600})
	revoke(t, p.token, old.ID)
	if a := send(t, request{method: "GET", path: me, as: old.Key}); a.status != 401 {
		t.Errorf("the old secret: got %d", a.status)
	}
	send(t, request{method: "GET", path: me, as: fresh.Key}).refused(t, 401, "API_KEY_REVOKED")
}

func TestRegeneratingTwiceEndsTheFirstGrace(t *testing.T) {
	p := admin(t)
	first := newKey(t, p.token, nil)
	second := regenerated(t, p.token, first.ID, object{"grace_seconds": 3600})
	regenerated(t, p.token, first.ID, object{"grace_seconds": 3600})
	send(t, request{method: "GET", path: me, as: first.Key}).refused(t, 401, "API_KEY_INVALID")
	send(t, request{method: "GET", path: me, as: second.Key}).is(t, 200)
}

func TestRevokedKeyCannotBeRegenerated(t *testing.T) {
	p := admin(t)
	k := newKey(t, p.token, nil)
	revoke(t, p.token, k.ID)
	regenerate(t, p.token, k.ID, nil).refused(t, 409, "KEY_REVOKED")
	send(t, request{method: "GET", path: me, as: k.Key}).refused(t, 401, "API_KEY_REVOKED")
}
