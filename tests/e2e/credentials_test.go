//go:build e2e

package e2e

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// A badCredential is one that every protected route refuses, with its own error_code.
type badCredential struct {
	name   string
	header map[string]string
	status int
	code   string
}

var badOnce struct {
	sync.Once
	list []badCredential
}

// badCredentials has one of every kind that has an error_code of its own, but for an expired
// key, which does not keep: see TestExpiredKeyIsRefusedWhileItIsStillInTheTable.
func badCredentials(t testing.TB) []badCredential {
	t.Helper()
	badOnce.Do(func() {
		p := owner(t)
		good, revoked, deleted := newKey(t, p.token, nil), newKey(t, p.token, nil), newKey(t, p.token, nil)
		revoke(t, p.token, revoked.ID)
		send(t, request{method: "DELETE", path: "/v1/api-keys/" + deleted.ID, as: p.token}).is(t, 200)

		secret := secretOf(good.Key)
		flip := map[bool]string{true: "1", false: "0"}[secret[0] == '0']
		last := len(good.Key) - 1
		mistyped := good.Key[:last] + map[bool]string{true: "1", false: "0"}[good.Key[last] == '0']
		bearer := func(text string) map[string]string { return map[string]string{"Authorization": "Bearer " + text} }
		badOnce.list = []badCredential{
			{"no credential", nil, 401, "MISSING_CREDENTIALS"},
			{"a key with a wrong checksum", bearer(mistyped), 401, "API_KEY_INVALID"},
			{"a key that was never made", bearer(withID(good.Key, "AAAAAAAAAAAAAAAA")), 401, "API_KEY_INVALID"},
			{"a wrong secret with its right checksum", bearer(withSecret(good.Key, flip+secret[1:])), 401, "API_KEY_INVALID"},
			{"the same in X-Api-Key", map[string]string{"X-Api-Key": withSecret(good.Key, flip+secret[1:])}, 401, "API_KEY_INVALID"},
			{"a revoked key", bearer(revoked.Key), 401, "API_KEY_REVOKED"},
			{"a deleted key", bearer(deleted.Key), 401, "API_KEY_INVALID"},
			{"a forged token", bearer(forged(p.token)), 401, "TOKEN_INVALID"},
			{"another scheme", map[string]string{"Authorization": "Basic " + good.Key}, 401, "TOKEN_INVALID"},
			{"an empty Bearer beside a good key", map[string]string{"Authorization": "Bearer ", "X-Api-Key": good.Key}, 401, "TOKEN_INVALID"},
			{"a key and a token", map[string]string{"Authorization": "Bearer " + p.token, "X-Api-Key": good.Key}, 400, "MULTIPLE_CREDENTIALS"},
		}
		if reaches(theSecret) { // else TestTokenPairsDialectErrorResponse is reported as not checkable
			badOnce.list = append(badOnce.list, badCredential{"an expired token", bearer(signed(t, p.token, expired)), 401, "TOKEN_EXPIRED"})
		}
	})
	if badOnce.list == nil {
		t.Fatal("the bad credentials could not be made")
	}
	return badOnce.list
}

// soon is the nearest expires_at that leaves time to use a key before.
func soon() string { return time.Now().Add(3 * time.Second).UTC().Format(time.RFC3339Nano) }

// signed is a token with a change, and a signature that is right for it: it needs the
// deployment's own secret.
func signed(t testing.TB, token string, change func(*jwt.Token, jwt.MapClaims)) string {
	t.Helper()
	claims := jwt.MapClaims{}
	parsed, _, err := jwt.NewParser().ParseUnverified(token, claims)
	if err != nil {
		t.Fatal(err)
	}
	secret := signingSecret(t)[parsed.Header["kid"].(string)]
	change(parsed, claims)
	var signingKey any = []byte(secret)
	if parsed.Method == jwt.SigningMethodNone {
		signingKey = jwt.UnsafeAllowNoneSignatureType
	}
	text, err := parsed.SignedString(signingKey)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func expired(_ *jwt.Token, c jwt.MapClaims) {
	c["iat"], c["exp"] = time.Now().Add(-time.Hour).Unix(), time.Now().Add(-time.Second).Unix()
}

// forged is a token with another signature of the right length.
func forged(token string) string {
	dot := strings.LastIndexByte(token, '.') + 1
	first := map[bool]string{true: "B", false: "A"}[token[dot] == 'A']
	return token[:dot] + first + token[dot+1:]
}
