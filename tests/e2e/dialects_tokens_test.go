//go:build e2e

package e2e

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

func TestTokenPairsDialectLogsInAndRefreshes(t *testing.T) {
	p := register(t)
	in := printed(t, `curl -X POST https://api.affilync.com/api/auth/login \
-H "Content-Type: application/json" \
-d '{
"email": "[email protected]",
"password": "your-password"
}'`, "https://api.affilync.com", apiURL, "[email protected]", p.Email, "your-password", p.password).is(t, 200)
	first := tokens(t, in)
	next := printed(t, `curl -X POST https://api.affilync.com/api/auth/refresh \
-H "Content-Type: application/json" \
-d '{
"refresh_token": "eyJhbGciOiJIUzI1NiIs..."
}'`, "https://api.affilync.com", apiURL, "eyJhbGciOiJIUzI1NiIs...", first["refresh_token"].(string)).is(t, 200)
	second := tokens(t, next)
	access, refresh := payload(t, second["access_token"].(string)), payload(t, second["refresh_token"].(string))
	if hour := access["exp"].(float64) - access["iat"].(float64); hour != float64(accessLifetime) {
		t.Errorf("an access token is good for %v s", hour)
	}
	if seconds := refresh["exp"].(float64) - refresh["iat"].(float64); seconds != float64(refreshLifetime) {
		t.Errorf("a refresh token is good for %v s, want %d", seconds, refreshLifetime)
	}
	send(t, request{method: "GET", path: me, as: second["access_token"].(string)}).is(t, 200)
}

func TestTokenPairsDialectErrorResponse(t *testing.T) {
	got := send(t, request{method: "GET", path: me, as: signed(t, owner(t).token, expired)}).refused(t, 401, "TOKEN_EXPIRED")
	if got.Detail != "Token has expired" {
		t.Errorf("detail is %q", got.Detail)
	}
}

// tokens checks that an answer has the fields of the token pairs dialect and no others.
func tokens(t *testing.T, a answer) object {
	t.Helper()
	got := decode[object](t, a)
	for _, name := range []string{"access_token", "refresh_token"} {
		text, _ := got[name].(string)
		keepSecret(text)
		header, err := base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[0])
		if err != nil || !strings.Contains(string(header), `"alg":"HS256"`) {
			t.Errorf("%s is no HS256 token", name)
		}
	}
	expect.Same(t, "the number of fields", len(got), 4)
	expect.Same[any](t, "token_type", got["token_type"], "bearer")
	expect.Same[any](t, "expires_in", got["expires_in"], float64(accessLifetime))
	return got
}

func TestOAuthDialectUsesAKey(t *testing.T) {
	k := newKey(t, owner(t).token, nil)
	a := printed(t, `curl -H "Authorization: Bearer YOUR_API_KEY" https://api.example.com/api/v1/users/me`,
		"https://api.example.com", apiURL, "YOUR_API_KEY", k.Key).is(t, 200)
	if u := decode[user](t, a); u.ID != owner(t).ID {
		t.Errorf("it is %s", u.ID)
	}
	revoke(t, owner(t).token, k.ID)
	send(t, request{method: "GET", path: "/api/v1/users/me", as: k.Key}).refused(t, 401, "API_KEY_REVOKED")
}

func TestOAuthDialectObtainsAToken(t *testing.T) {
	const command = `curl -X POST \
https://api.example.com/oauth/token \
-H 'Content-Type: application/x-www-form-urlencoded' \
-d 'grant_type=client_credentials&client_id=YOUR_CLIENT_ID&client_secret=YOUR_CLIENT_SECRET'`
	k := newKey(t, owner(t).token, object{"scopes": []string{"write"}})
	got := decode[object](t, printed(t, command,
		"https://api.example.com", apiURL, "YOUR_CLIENT_ID", k.ID, "YOUR_CLIENT_SECRET'", k.Key+"&scope=read%20write'").is(t, 200))
	token, _ := got["access_token"].(string)
	keepSecret(token)
	expect.Same[any](t, "token_type", got["token_type"], "bearer")
	expect.Same[any](t, "expires_in", got["expires_in"], float64(accessLifetime))
	expect.Same[any](t, "scope", got["scope"], "read write")
	send(t, request{method: "GET", path: "/api/v1/users/me", as: token}).is(t, 200)

	refused := printed(t, command, "https://api.example.com", apiURL).is(t, 401)
	if want := `{"error":"invalid_client","error_description":"Client authentication failed"}`; string(refused.body) != want {
		t.Errorf("%s, want %s", refused.body, want)
	}
}

// payload reads a token's claims without verifying it.
func payload(t *testing.T, token string) object {
	t.Helper()
	text, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	return decode[object](t, answer{body: text})
}
