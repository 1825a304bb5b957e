//go:build e2e

package e2e

import (
	"crypto/rand"
	"strings"
	"testing"
)

// The name of this file makes its test the last: it looks for every secret that any test
// of this run has made or sent.
func TestKeysPasswordsAndTokensAreInNoLogLineAndNoTableItem(t *testing.T) {
	needs(t, theLog)
	needs(t, theTable)
	p, mistyped := owner(t), rand.Text()
	old := newKey(t, p.token, nil)
	k := regenerated(t, p.token, old.ID, object{"grace_seconds": 60})

	// Wherever a caller may put a secret, rightly or not.
	requests := []request{
		{method: "GET", path: me, as: k.Key},
		{method: "GET", path: me, header: map[string]string{"X-Api-Key": old.Key}},
		{method: "GET", path: me, as: withSecret(k.Key, strings.Repeat("A", 30))},
		{method: "GET", path: me, as: k.Key + "x"},
		{method: "GET", path: me, as: forged(p.token)},
		{method: "GET", path: me + "?token=" + p.token},
		{method: "GET", path: "/health?api_key=" + k.Key},
		{method: "DELETE", path: "/v1/api-keys/" + k.Key, as: p.token},
		{method: "GET", path: "/v1/api-keys?cursor=" + k.Key, as: p.token},
		{method: "GET", path: "/v1/api-keys?limit=" + k.Key, as: p.token},
		{method: "POST", path: "/v1/api-keys", as: p.token, body: object{k.Key: 1}},
		{method: "POST", path: "/v1/api-keys", as: p.token, body: object{"name": "n", "expires_at": k.Key}},
		{method: "POST", path: "/v1/api-keys", as: p.token, body: object{"name": "n", "scopes": []string{k.Key}}},
		{method: "POST", path: "/v1/api-keys", as: p.token, body: k.Key},
		{method: "POST", path: "/v1/auth/login", body: object{"email": p.Email, "password": mistyped}},
		{method: "POST", path: "/v1/auth/login", body: object{"email": mistyped, "password": p.Email}},
		{method: "POST", path: "/v1/auth/login", body: `{"email":"` + p.Email + `","password":"` + mistyped},
		{method: "POST", path: "/v1/auth/register", as: admin(t).token, body: object{"email": p.Email, "password": mistyped}},
	}
	second := signedIn(t)
	second.prove(t, object{"password": second.password})
	app := second.addApp(t)
	begun := second.begin(t, "/v1/auth/login")
	code := codeOf(t, app.Secret, 0)
	requests = append(requests,
		request{method: "GET", path: me, as: begun.Token},
		request{method: "GET", path: me + "?code=" + code},
		request{method: "DELETE", path: "/v1/auth/factors/" + app.RecoveryCodes[0], as: second.token},
		request{method: "POST", path: "/v1/auth/factors", as: second.token, body: object{"type": app.Secret}},
		request{method: "POST", path: "/v1/auth/login/mfa", body: object{"mfa_token": begun.Token, "recovery_code": app.RecoveryCodes[1], code: 1}},
		request{method: "POST", path: "/v1/auth/login/mfa", body: object{"mfa_token": begun.Token, "code": code}},
	)
	pair := logInForPair(t, p.Email, p.password)
	token := post(t, "", "/oauth/token", clientForm(k)).is(t, 200).text(t, "access_token")
	var seen []string // what shows that the log and the table are those of these requests
	for _, r := range requests {
		if a := send(t, r); a.status >= 400 && a.status != 404 {
			seen = append(seen, a.problem(t).RequestID)
		}
	}
	if len(seen) < 10 {
		t.Fatalf("only %d requests were refused", len(seen))
	}
	log, items := functionsOnly(logWith(t, seen...)), tableItems(t)
	if !mentions(items, p.Email) {
		t.Fatal("the table does not have the person who was just made: this run proves nothing")
	}
	if !mentions(items, `"pk":"KEY#`+k.ID+`"`) {
		t.Fatal("the table does not have the key that was just made: this run proves nothing")
	}
	for name, secret := range map[string]string{
		"a key": k.Key, "a session token": p.token, "a password that was set": p.password, "a password that was tried": mistyped,
		"a refresh token": pair.RefreshToken, "a client's token": token,
		"an app's secret": app.Secret, "a recovery code": app.RecoveryCodes[2], "an mfa_token": begun.Token,
	} {
		if leaked("x"+secret+"x") == nil {
			t.Fatalf("%s is not looked for: this run proves nothing", name)
		}
	}
	if leakedCodes(`"`+code+`"`) == nil {
		t.Fatal("an app's code is not looked for: this run proves nothing")
	}
	for range leakedCodes(log) {
		t.Error("an app's code is in the log")
	}
	for _, secret := range leaked(log) {
		t.Errorf("a secret that begins with %q is in the log", secret[:3])
	}
	for _, secret := range leaked(strings.Join(items, "\n")) {
		t.Errorf("a secret that begins with %q is in the table", secret[:3])
	}
}
