//go:build e2e

package e2e

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

type revokedKey struct {
	key
	AlsoRevoked int `json:"also_revoked"`
}

func revokedWith(t testing.TB, as, id string, body any) revokedKey {
	t.Helper()
	return decode[revokedKey](t, send(t, request{method: "PUT", path: "/api/v1/auth/api-keys/" + id + "/revoke", as: as, body: body}).is(t, 200))
}

func TestOldSecretInItsGraceRegeneratesNoKey(t *testing.T) {
	p := admin(t)
	old := newKey(t, p.token, object{"scopes": []string{"admin"}})
	fresh := regenerated(t, p.token, old.ID, object{"grace_seconds": 3600})
	another := newKey(t, p.token, nil)
	for _, id := range []string{old.ID, another.ID} {
		regenerate(t, old.Key, id, nil).refused(t, 403, "FORBIDDEN")
	}
	send(t, request{method: "GET", path: me, as: fresh.Key}).is(t, 200)
	send(t, request{method: "GET", path: me, as: another.Key}).is(t, 200)
}

func TestExpiringOrAddressBoundKeyRegeneratesNoKeyWithoutThoseBounds(t *testing.T) {
	p := admin(t)
	soon := time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	address, _ := ownAddress(t, p.token)
	another := newKey(t, p.token, nil)
	for _, bound := range []object{{"expires_at": soon}, {"allowed_ips": []string{address.String()}}} {
		bound["scopes"] = []string{"admin"}
		k := newKey(t, p.token, bound)
		regenerate(t, k.Key, another.ID, nil).refused(t, 403, "FORBIDDEN")
		delete(bound, "scopes")
		regenerated(t, k.Key, newKey(t, p.token, bound).ID, nil)
		own := regenerated(t, k.Key, k.ID, nil)
		expect.Same(t, "it keeps its expiry", own.ExpiresAt == nil, k.ExpiresAt == nil)
	}
	send(t, request{method: "GET", path: me, as: another.Key}).is(t, 200)
}

func TestClientTokenRegeneratesNoKeyAndMakesNoneThatOutlivesIt(t *testing.T) {
	p := admin(t)
	k := newKey(t, p.token, object{"scopes": []string{"admin"}})
	token := post(t, "", "/oauth/token", clientForm(k)).is(t, 200).text(t, "access_token")
	regenerate(t, token, k.ID, nil).refused(t, 403, "FORBIDDEN")
	post(t, token, "/v1/auth/register", object{"email": freshEmail(), "password": "a long password", "role": "admin"}).refused(t, 403, "FORBIDDEN")
	made := newKey(t, token, nil)
	end := time.Now().Add(time.Duration(accessLifetime) * time.Second)
	if made.ExpiresAt == nil || made.ExpiresAt.After(end) {
		t.Errorf("a key made with a token ends at %v, want %v at the latest", made.ExpiresAt, end)
	}
	post(t, token, "/v1/api-keys", object{"name": "x", "expires_at": "2999-01-01T00:00:00Z"}).refused(t, 422, "VALIDATION_ERROR")
}

func TestKeyMadeByAKeyShowsItsMakerAndHasItsBounds(t *testing.T) {
	p := admin(t)
	address, _ := ownAddress(t, p.token)
	maker := newKey(t, p.token, object{"type": "secret", "allowed_ips": []string{address.String()}, "rate_limit": object{"read": 77}})
	made := post(t, maker.Key, "/v1/api-keys", object{"name": "x"}).is(t, 201).fields(t)
	expect.Same[any](t, "created_by", made["created_by"], maker.ID)
	expect.Same(t, "the number of addresses", len(made["allowed_ips"].([]any)), 1)
	expect.Same[any](t, "the limit", made["rate_limit"].(map[string]any)["read"], 77.0)
	for _, beyond := range []object{{"allowed_ips": []string{"0.0.0.0/0"}}, {"rate_limit": object{"read": 78}}} {
		beyond["name"] = "x"
		post(t, maker.Key, "/v1/api-keys", beyond).refused(t, 422, "VALIDATION_ERROR")
	}
}

func TestCascadeEndsEveryKeyThatCameFromTheRevokedOne(t *testing.T) {
	p := admin(t)
	maker := newKey(t, p.token, object{"type": "secret"})
	child := newKey(t, maker.Key, object{"type": "secret"})
	grandchild := newKey(t, child.Key, nil)
	bystander := newKey(t, p.token, nil)

	alone := newKey(t, p.token, object{"type": "secret"})
	survivor := newKey(t, alone.Key, nil)
	expect.Same(t, "others that a revocation alone ends", revokedWith(t, p.token, alone.ID, object{"cascade": false}).AlsoRevoked, 0)
	send(t, request{method: "GET", path: me, as: survivor.Key}).is(t, 200)

	answer := revokedWith(t, p.token, maker.ID, object{"cascade": true})
	expect.Same(t, "the state", answer.Status, "revoked")
	expect.Same(t, "how many others", answer.AlsoRevoked, 2)
	for _, k := range []key{maker, child, grandchild} {
		send(t, request{method: "GET", path: me, as: k.Key}).refused(t, 401, "API_KEY_REVOKED")
	}
	send(t, request{method: "GET", path: me, as: bystander.Key}).is(t, 200)
	log := get(t, p.token, "/api/v1/auth/api-keys/"+grandchild.ID+"/audit-log").is(t, 200).fields(t)["entries"].([]any)
	newest := log[0].(map[string]any)
	expect.Same[any](t, "the newest entry of a child", newest["action"], "revoked")
	expect.Same[any](t, "what it names", newest["detail"].(map[string]any)["cascade_from"], maker.ID)
}

func TestDeletionWithCascadeEndsEveryKeyThatCameFromTheDeletedOne(t *testing.T) {
	p := admin(t)
	for _, path := range []string{"/v1/api-keys/", "/api/v1/auth/api-keys/"} {
		maker := newKey(t, p.token, object{"type": "secret"})
		child := newKey(t, maker.Key, nil)
		if a := send(t, request{method: "DELETE", path: path + maker.ID, as: p.token, body: object{"cascade": true}}); a.status/100 != 2 {
			t.Fatalf("%s: status %d: %s", path, a.status, a.body)
		}
		send(t, request{method: "GET", path: me, as: maker.Key}).refused(t, 401, "API_KEY_INVALID")
		send(t, request{method: "GET", path: me, as: child.Key}).refused(t, 401, "API_KEY_REVOKED")
	}
}

func TestKeyRegeneratedByAKeyEndsInItsCascade(t *testing.T) {
	p := admin(t)
	manager := newKey(t, p.token, object{"scopes": []string{"admin"}})
	taken := regenerated(t, manager.Key, newKey(t, p.token, nil).ID, nil)
	back := newKey(t, p.token, nil)
	regenerated(t, manager.Key, back.ID, nil)
	back = regenerated(t, p.token, back.ID, nil)
	expect.Same(t, "how many others", revokedWith(t, p.token, manager.ID, object{"cascade": true}).AlsoRevoked, 1)
	send(t, request{method: "GET", path: me, as: taken.Key}).refused(t, 401, "API_KEY_REVOKED")
	send(t, request{method: "GET", path: me, as: back.Key}).is(t, 200)
}
