//go:build e2e

package e2e

import (
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/tests/expect"
)

func TestLoginGivesASessionTokenOfSevenDays(t *testing.T) {
	p := register(t)
	in := logIn(t, p.Email, p.password)
	expect.Same(t, "ok", in.OK, true)
	expect.Same(t, "token_type", in.TokenType, "bearer")
	expect.Same(t, "expires_in", in.ExpiresIn, sessionLifetime)
	expect.Same(t, "user", in.User, p.user)
	claims := jwt.MapClaims{}
	token, _, err := jwt.NewParser().ParseUnverified(in.Token, claims)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the algorithm", token.Method.Alg(), "HS256")
	if token.Header["kid"] == nil {
		t.Error("header: there is no kid")
	}
	for name, want := range map[string]any{"id": p.ID, "sub": p.ID, "email": p.Email, "role": "member", "typ": "session"} {
		expect.Same(t, "the claim "+name, claims[name], want)
	}
	for _, name := range []string{"iss", "aud", "jti", "sid", "scope"} {
		if claims[name] == nil || claims[name] == "" {
			t.Errorf("no claim %s: %v", name, claims)
		}
	}
	iat, exp := claims["iat"].(float64), claims["exp"].(float64)
	age := time.Now().Unix() - int64(iat)
	expect.Same(t, "the lifetime", exp-iat, float64(sessionLifetime))
	if age < -1 || age > 60 {
		t.Errorf("iat is %d s ago, want -1 to 60", age)
	}
}

func TestUnknownEmailAndWrongPasswordAreAnsweredAlike(t *testing.T) {
	p := register(t)
	try := func(email string) (problem, http.Header) {
		a := send(t, request{method: "POST", path: "/v1/auth/login", body: object{"email": email, "password": rand.Text()}})
		got := a.refused(t, 401, "INVALID_CREDENTIALS")
		got.RequestID = ""
		return got, a.header
	}
	wrong, wrongHeader := try(p.Email)
	unknown, unknownHeader := try(freshEmail())
	expect.Same(t, "the detail for a wrong password", wrong.Detail, unknown.Detail)
	expect.Same(t, "the title for a wrong password", wrong.Title, unknown.Title)
	for name := range wrongHeader {
		if len(unknownHeader[name]) != len(wrongHeader[name]) {
			t.Errorf("told apart by the header %s", name)
		}
	}
	expect.Same(t, "the number of headers for a wrong password", len(wrongHeader), len(unknownHeader))
	expect.Same(t, "the challenge for a wrong password", challenge(wrongHeader), challenge(unknownHeader))
}

func TestEmailIsOneWhateverItsCase(t *testing.T) {
	p := register(t)
	if in := logIn(t, strings.ToUpper(p.Email), p.password); in.User != p.user {
		t.Errorf("logged in as %+v, want %+v", in.User, p.user)
	}
	for _, email := range []string{p.Email, strings.ToUpper(p.Email)} {
		send(t, request{method: "POST", path: "/v1/auth/register", as: admin(t).token,
			body: object{"email": email, "password": rand.Text()}}).refused(t, 409, "DUPLICATE_RESOURCE")
	}
	logIn(t, p.Email, p.password) // the refused registration left the password alone
}

func TestOnlyAnAdministratorRegistersUsers(t *testing.T) {
	p := other(t)
	body := object{"email": freshEmail(), "password": rand.Text()}
	try := func(as string) answer {
		return send(t, request{method: "POST", path: "/v1/auth/register", as: as, body: body})
	}
	try(p.token).refused(t, 403, "FORBIDDEN")
	try(newKey(t, p.token, nil).Key).refused(t, 403, "INSUFFICIENT_SCOPE")
	try(newKey(t, admin(t).token, nil).Key).refused(t, 403, "INSUFFICIENT_SCOPE")
	try(newKey(t, admin(t).token, object{"type": "secret"}).Key).refused(t, 403, "INSUFFICIENT_SCOPE")
	try(newKey(t, admin(t).token, object{"scopes": []string{"admin"}}).Key).is(t, 201)
}

func TestRoleIsMemberUnlessItIsRecognised(t *testing.T) {
	for _, row := range []struct{ sent, want any }{
		{nil, "member"}, {"owner", "member"}, {"Admin", "member"}, {7, "member"}, {"member", "member"}, {"admin", "admin"},
	} {
		body := object{"email": freshEmail(), "password": rand.Text()}
		if row.sent != nil {
			body["role"] = row.sent
		}
		made := decode[loggedIn](t, send(t, request{method: "POST", path: "/v1/auth/register", as: admin(t).token, body: body}).is(t, 201))
		if made.User.Role != row.want {
			t.Errorf("role %v: got %q", row.sent, made.User.Role)
		}
	}
}

func TestMeNamesTheCallerAndTheCredential(t *testing.T) {
	p := admin(t)
	k := newKey(t, p.token, object{"scopes": []string{"read:stats"}, "expires_at": "2100-01-01T00:00:00Z"})
	for _, row := range []struct {
		credential, kind, id string
		scopes               []string
	}{{p.token, "user", "ses_", []string{"admin", "read:stats"}}, {k.Key, "key", k.ID, []string{"read:stats"}}} {
		got := decode[struct {
			OK         bool `json:"ok"`
			User       user `json:"user"`
			Credential struct {
				Type      string     `json:"type"`
				ID        string     `json:"id"`
				Scopes    []string   `json:"scopes"`
				ExpiresAt *time.Time `json:"expires_at"`
			} `json:"credential"`
		}](t, send(t, request{method: "GET", path: me, as: row.credential}).is(t, 200))
		c := got.Credential
		expect.Same(t, row.kind+": ok", got.OK, true)
		expect.Same(t, row.kind+": user", got.User, p.user)
		expect.Same(t, row.kind+": type", c.Type, row.kind)
		if !strings.HasPrefix(c.ID, row.id) {
			t.Errorf("%s: the credential's id is %s, want %s…", row.kind, c.ID, row.id)
		}
		if c.ExpiresAt == nil {
			t.Errorf("%s: the credential has no expires_at", row.kind)
		}
		for _, scope := range row.scopes {
			if !slices.Contains(c.Scopes, scope) {
				t.Errorf("%s: no scope %s in %v", row.kind, scope, c.Scopes)
			}
		}
		record := decode[user](t, send(t, request{method: "GET", path: "/api/v1/users/me", as: row.credential}).is(t, 200))
		if record != p.user {
			t.Errorf("%s: the user record is %+v", row.kind, record)
		}
	}
}

func TestHealthTellsAnybodyTheVersion(t *testing.T) {
	info := get(t, "", "/openapi.json").is(t, 200).fields(t)["info"].(map[string]any)
	for _, header := range []map[string]string{nil, {"Authorization": "Bearer nonsense"}} {
		health := send(t, request{method: "GET", path: "/health", header: header}).is(t, 200).fields(t)
		expect.Same(t, "the version, beside that of the OpenAPI document", health["version"], info["version"])
	}
}
