//go:build e2e

package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const me = "/v1/auth/me"

func TestEachBadCredentialIsRefusedWithItsOwnErrorCode(t *testing.T) {
	for _, bad := range badCredentials(t) {
		t.Run(bad.name, func(t *testing.T) {
			send(t, request{method: "GET", path: me, header: bad.header}).refused(t, bad.status, bad.code)
		})
	}
}

// RFC 6750 §3.1: a challenge to somebody who sent no credential speaks of no error.
func TestChallengeNamesAnErrorOnlyWhereACredentialWasSent(t *testing.T) {
	for _, bad := range badCredentials(t) {
		a := send(t, request{method: "GET", path: me, header: bad.header})
		names := strings.Contains(challenge(a.header), `error="invalid_token"`)
		if a.status == 401 && names != (bad.header != nil) {
			t.Errorf("%s: the challenge is %q", bad.name, challenge(a.header))
		}
	}
}

// DynamoDB removes an expired item days later; until then only the check in code
// stands. The emulator does so once a minute: what it did not leave alone is tried again.
func TestExpiredKeyIsRefusedWhileItIsStillInTheTable(t *testing.T) {
	needs(t, theTable)
	p := owner(t)
	for range 3 {
		k := newKey(t, p.token, object{"expires_at": soon()})
		send(t, request{method: "GET", path: me, as: k.Key}).is(t, 200)
		time.Sleep(time.Until(*k.ExpiresAt) + 100*time.Millisecond)
		wrong := tryExpired(t, p, k)
		if !mentions(tableItems(t), `"pk":"KEY#`+k.ID+`"`) {
			continue
		}
		for _, text := range wrong {
			t.Error(text)
		}
		return
	}
	t.Fatal("no expired key stays in the table: this run proves nothing")
}

func tryExpired(t testing.TB, p person, k key) (wrong []string) {
	t.Helper()
	expect := func(r request, status int, code string) {
		t.Helper()
		got := send(t, r).problem(t)
		if got.Status != status {
			wrong = append(wrong, fmt.Sprintf("%s %s: status %d, want %d", r.method, r.path, got.Status, status))
		}
		if got.Code != code {
			wrong = append(wrong, fmt.Sprintf("%s %s: error_code %s, want %s", r.method, r.path, got.Code, code))
		}
	}
	for _, r := range protectedRoutes(t) {
		expect(request{method: r.method, path: r.path(k.ID), as: k.Key, body: bodyFor(r)}, 401, "API_KEY_EXPIRED")
	}
	guessed := withSecret(k.Key, strings.Repeat("A", 30))
	expect(request{method: "GET", path: me, as: guessed}, 401, "API_KEY_INVALID")
	expect(request{method: "POST", path: "/api/v1/auth/api-keys/" + k.ID + "/regenerate", as: p.token}, 409, "KEY_REVOKED")
	return wrong
}

// Who guesses a secret does not learn that the id is right.
func TestWrongSecretOfARevokedKeySaysNothingOfTheKey(t *testing.T) {
	p := owner(t)
	k := newKey(t, p.token, nil)
	revoke(t, p.token, k.ID)
	send(t, request{method: "GET", path: me, as: withSecret(k.Key, strings.Repeat("A", 30))}).refused(t, 401, "API_KEY_INVALID")
}

func TestTokenMustPassEveryCheckOfVerification(t *testing.T) {
	p := admin(t)
	claim := func(name string, value any) func(*jwt.Token, jwt.MapClaims) {
		return func(_ *jwt.Token, c jwt.MapClaims) { c[name] = value }
	}
	without := func(name string) func(*jwt.Token, jwt.MapClaims) {
		return func(_ *jwt.Token, c jwt.MapClaims) { delete(c, name) }
	}
	method := func(m jwt.SigningMethod) func(*jwt.Token, jwt.MapClaims) {
		return func(token *jwt.Token, _ jwt.MapClaims) { token.Method, token.Header["alg"] = m, m.Alg() }
	}
	send(t, request{method: "GET", path: me, as: signed(t, p.token, func(*jwt.Token, jwt.MapClaims) {})}).is(t, 200)
	for name, change := range map[string]func(*jwt.Token, jwt.MapClaims){
		"algorithm none":           method(jwt.SigningMethodNone),
		"algorithm HS512":          method(jwt.SigningMethodHS512),
		"no kid":                   func(token *jwt.Token, _ jwt.MapClaims) { delete(token.Header, "kid") },
		"unknown kid":              func(token *jwt.Token, _ jwt.MapClaims) { token.Header["kid"] = "9" },
		"kid that is not a secret": func(token *jwt.Token, _ jwt.MapClaims) { token.Header["kid"] = "current" },
		"another issuer":           claim("iss", "urn:somebody:else"),
		"no issuer":                without("iss"),
		"another audience":         claim("aud", "somebody-else"),
		"no audience":              without("aud"),
		"no exp":                   without("exp"),
		"no iat":                   without("iat"),
		"no typ":                   without("typ"),
		"a refresh token":          claim("typ", "refresh"),
		"an invented type":         claim("typ", "root"),
		"no subject":               without("sub"),
		"another's subject":        claim("sub", owner(t).ID),
		"no jti":                   without("jti"),
		"no session":               without("sid"),
		"an invented session":      claim("sid", "ses_AAAAAAAAAAAAAAAAAAAAAAAAAA"),
		"not valid yet":            claim("nbf", time.Now().Add(time.Hour).Unix()),
	} {
		t.Run(name, func(t *testing.T) {
			send(t, request{method: "GET", path: me, as: signed(t, p.token, change)}).refused(t, 401, "TOKEN_INVALID")
		})
	}
}

// A token's own words on role and scope are not what decides.
func TestTokenCannotHoldMoreThanItsUser(t *testing.T) {
	p := owner(t)
	raised := signed(t, p.token, func(_ *jwt.Token, c jwt.MapClaims) { c["role"], c["scope"] = "admin", "admin read:stats" })
	send(t, request{method: "POST", path: "/v1/auth/register", as: raised,
		body: object{"email": freshEmail(), "password": "long enough"}}).refused(t, 403, "FORBIDDEN")
}

func TestSchemeAndHeaderNamesAreTakenInAnyCase(t *testing.T) {
	k := newKey(t, admin(t).token, nil)
	for _, header := range []map[string]string{
		{"Authorization": "bearer " + k.Key},
		{"authorization": "BEARER " + k.Key},
		{"AUTHORIZATION": "Bearer   " + k.Key},
		{"X-Api-Key": k.Key},
		{"x-api-key": k.Key},
		{"X-API-KEY": k.Key},
	} {
		send(t, request{method: "GET", path: me, header: header}).is(t, 200)
	}
}

func TestTheSameCredentialSentTwiceIsOne(t *testing.T) {
	k := newKey(t, admin(t).token, nil)
	send(t, request{method: "GET", path: me, as: k.Key, header: map[string]string{"X-Api-Key": k.Key}}).is(t, 200)
}
