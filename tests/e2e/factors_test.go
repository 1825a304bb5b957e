//go:build e2e

package e2e

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"github.com/latchkey/latchkey/shared/passkey/passkeytest"
	"github.com/latchkey/latchkey/tests/expect"
)

type factorView struct {
	ID            string          `json:"id"`
	Confirmed     bool            `json:"confirmed"`
	Secret        string          `json:"secret"`
	URI           string          `json:"uri"`
	QR            string          `json:"qr"`
	PublicKey     json.RawMessage `json:"public_key"`
	RecoveryCodes []string        `json:"recovery_codes"`
}

type factorsView struct {
	Factors []factorView `json:"factors"`
	Codes   int          `json:"recovery_codes_left"`
	Proof   struct {
		Until     *time.Time      `json:"until"`
		Methods   []string        `json:"methods"`
		Token     string          `json:"token"`
		PublicKey json.RawMessage `json:"public_key"`
	} `json:"proof"`
}

type unfinished struct {
	Required bool     `json:"mfa_required"`
	Token    string   `json:"mfa_token"`
	Methods  []string `json:"methods"`
}

// signedIn is a new person with a session of their own.
func signedIn(t testing.TB) person {
	t.Helper()
	p := register(t)
	p.token = logIn(t, p.Email, p.password).Token
	return p
}

// prove lets a session change the factors of its user.
func (p person) prove(t testing.TB, proof object) {
	t.Helper()
	post(t, p.token, "/v1/auth/factors/proof", proof).is(t, 204)
}

// begin logs in with the password alone, in the dialect of a path.
func (p person) begin(t testing.TB, path string) unfinished {
	t.Helper()
	u := decode[unfinished](t, post(t, "", path, object{"email": p.Email, "password": p.password}).is(t, 200))
	expect.Same(t, path+": mfa_required", u.Required, true)
	return u
}

// codeOf is what an authenticator app shows, some steps from now, by a library that nobody here wrote.
func codeOf(t testing.TB, secret string, steps int) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, time.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// addApp adds an authenticator app with the code of the step before, so that the present one is unused.
func (p person) addApp(t testing.TB) factorView {
	t.Helper()
	begun := decode[factorView](t, post(t, p.token, "/v1/auth/factors", object{"type": "totp"}).is(t, 201))
	done := decode[factorView](t, post(t, p.token, "/v1/auth/factors/"+begun.ID+"/confirm", object{"code": codeOf(t, begun.Secret, -1)}).is(t, 200))
	done.Secret, done.URI, done.QR = begun.Secret, begun.URI, begun.QR
	return done
}

func TestAnAuthenticatorAppGuardsBothLoginsAndOnlyAFreshProofRemovesIt(t *testing.T) {
	p := signedIn(t)
	post(t, p.token, "/v1/auth/factors", object{"type": "totp"}).refused(t, 403, "PROOF_REQUIRED")
	post(t, p.token, "/v1/auth/factors/proof", object{"password": "wrong"}).refused(t, 422, "VALIDATION_ERROR")
	p.prove(t, object{"password": p.password})
	app := p.addApp(t)
	key, err := otp.NewKeyFromURL(app.URI)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the secret in the URI", key.Secret(), app.Secret)
	expect.Same(t, "the account in the URI", strings.HasSuffix(key.AccountName(), p.Email), true)
	expect.Same(t, "the QR code is an image", strings.HasPrefix(app.QR, "<svg "), true)
	expect.Same(t, "the recovery codes", len(app.RecoveryCodes), 10)

	begun := p.begin(t, "/v1/auth/login")
	expect.Same(t, "methods", strings.Join(begun.Methods, " "), "totp recovery_code")
	get(t, begun.Token, "/v1/auth/me").refused(t, 401, "TOKEN_INVALID")
	wrong := post(t, "", "/v1/auth/login/mfa", object{"mfa_token": begun.Token, "code": "000000"})
	wrong.refused(t, 401, "INVALID_CREDENTIALS")
	code := codeOf(t, app.Secret, 0)
	in := decode[loggedIn](t, post(t, "", "/v1/auth/login/mfa", object{"mfa_token": begun.Token, "code": code}).is(t, 200))
	get(t, in.Token, "/v1/auth/me").is(t, 200)

	begun = p.begin(t, "/api/auth/login")
	post(t, "", "/api/auth/mfa", object{"mfa_token": begun.Token, "code": code}).refused(t, 401, "INVALID_CREDENTIALS")
	body := object{"mfa_token": begun.Token, "recovery_code": app.RecoveryCodes[0], "cookie": true}
	a := send(t, request{method: "POST", path: "/api/auth/mfa", body: body}).is(t, 200)
	if !strings.HasPrefix(a.header.Get("Set-Cookie"), "__Secure-latchkey_refresh=ey") {
		t.Error("the refresh token is not in the cookie")
	}
	list := decode[factorsView](t, get(t, p.token, "/v1/auth/factors").is(t, 200))
	expect.Same(t, "recovery_codes_left", list.Codes, 9)

	thief := person{user: p.user, token: in.Token} // a session that proved nothing
	path := "/v1/auth/factors/" + app.ID
	send(t, request{method: "DELETE", path: path, as: thief.token}).refused(t, 403, "PROOF_REQUIRED")
	post(t, thief.token, "/v1/auth/factors/proof", object{"password": p.password}).refused(t, 422, "VALIDATION_ERROR")
	thief.prove(t, object{"code": codeOf(t, app.Secret, 1)})
	codes := decode[factorView](t, post(t, in.Token, "/v1/auth/factors", object{"type": "recovery_codes"}).is(t, 201)).RecoveryCodes
	pending := decode[factorView](t, post(t, in.Token, "/v1/auth/factors", object{"type": "totp", "name": "Another"}).is(t, 201))
	post(t, p.token, "/v1/auth/factors/"+pending.ID+"/confirm", object{"code": codeOf(t, pending.Secret, 0)}).refused(t, 404, "RESOURCE_NOT_FOUND")
	send(t, request{method: "DELETE", path: "/v1/auth/factors/" + pending.ID, as: in.Token}).is(t, 204)
	send(t, request{method: "DELETE", path: path, as: other(t).token}).refused(t, 404, "RESOURCE_NOT_FOUND")
	begun = p.begin(t, "/v1/auth/login")
	post(t, "", "/v1/auth/login/mfa", object{"mfa_token": begun.Token, "recovery_code": app.RecoveryCodes[1]}).refused(t, 401, "INVALID_CREDENTIALS")
	post(t, "", "/v1/auth/login/mfa", object{"mfa_token": begun.Token, "recovery_code": codes[0]}).is(t, 200)
	send(t, request{method: "DELETE", path: path, as: in.Token}).is(t, 204)
	logIn(t, p.Email, p.password)
}

// A device is an authenticator, as software that nobody here wrote.
type device struct {
	virtualwebauthn.Authenticator
	virtualwebauthn.Credential
	origin string
}

func (d *device) at(domain string) virtualwebauthn.RelyingParty {
	return virtualwebauthn.RelyingParty{ID: domain, Name: "Latchkey", Origin: d.origin}
}

func (d *device) register(t testing.TB, options json.RawMessage) json.RawMessage {
	t.Helper()
	o, err := virtualwebauthn.ParseAttestationOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	return json.RawMessage(virtualwebauthn.CreateAttestationResponse(d.at(o.RelyingPartyID), d.Authenticator, d.Credential, *o))
}

func (d *device) sign(t testing.TB, options json.RawMessage) json.RawMessage {
	t.Helper()
	o, err := virtualwebauthn.ParseAssertionOptions(string(options))
	if err != nil {
		t.Fatal(err)
	}
	d.Counter++
	return json.RawMessage(virtualwebauthn.CreateAssertionResponse(d.at(o.RelyingPartyID), d.Authenticator, d.Credential, *o))
}

type passkeyOptions struct {
	Token     string          `json:"token"`
	PublicKey json.RawMessage `json:"public_key"`
}

func TestAPasskeyIsASecondStepAProofAndALoginOfItsOwn(t *testing.T) {
	p := signedIn(t)
	base, err := url.Parse(apiURL)
	if err != nil {
		t.Fatal(err)
	}
	d := &device{
		virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte(p.ID)}),
		passkeytest.Credential(), base.Scheme + "://" + base.Host,
	}
	p.prove(t, object{"password": p.password})
	begun := decode[factorView](t, post(t, p.token, "/v1/auth/factors", object{"type": "passkey", "name": "My key"}).is(t, 201))
	path := "/v1/auth/factors/" + begun.ID
	post(t, p.token, path+"/confirm", object{"credential": object{"id": "x"}}).refused(t, 422, "VALIDATION_ERROR")
	post(t, p.token, path+"/confirm", object{"credential": d.register(t, begun.PublicKey)}).is(t, 200)

	second := p.begin(t, "/v1/auth/login")
	options := decode[passkeyOptions](t, post(t, "", "/v1/auth/login/passkey/options", object{"mfa_token": second.Token}).is(t, 200))
	answer := object{"mfa_token": second.Token, "credential": d.sign(t, options.PublicKey)}
	post(t, "", "/v1/auth/login/mfa", answer).is(t, 200)
	post(t, "", "/v1/auth/login/mfa", answer).refused(t, 401, "INVALID_CREDENTIALS")

	for _, route := range []string{"/v1/auth/login/passkey", "/api/auth/passkey"} {
		options = decode[passkeyOptions](t, post(t, "", "/v1/auth/login/passkey/options", object{}).is(t, 200))
		answer = object{"token": options.Token, "credential": d.sign(t, options.PublicKey)}
		post(t, "", route, answer).is(t, 200)
		post(t, "", route, answer).refused(t, 401, "INVALID_CREDENTIALS")
	}

	list := decode[factorsView](t, get(t, p.token, "/v1/auth/factors").is(t, 200))
	expect.Same(t, "the methods of a proof", strings.Join(list.Proof.Methods, " "), "passkey recovery_code")
	post(t, p.token, "/v1/auth/factors/proof", object{"token": options.Token, "credential": d.sign(t, list.Proof.PublicKey)}).refused(t, 422, "VALIDATION_ERROR")
	p.prove(t, object{"token": list.Proof.Token, "credential": d.sign(t, list.Proof.PublicKey)})
	send(t, request{method: "DELETE", path: path, as: p.token}).is(t, 204)
	logIn(t, p.Email, p.password)
}

func TestADisabledAccountIsRefusedAtEachStepOfALoginAndItsLogSaysSo(t *testing.T) {
	p := signedIn(t)
	p.prove(t, object{"password": p.password})
	app := p.addApp(t)
	begun := p.begin(t, "/v1/auth/login")
	patchUser(t, admin(t).token, p.ID, object{"disabled": true}).is(t, 200)
	post(t, "", "/v1/auth/login/passkey/options", object{"mfa_token": begun.Token}).refused(t, 403, "ACCOUNT_DISABLED")
	post(t, "", "/v1/auth/login/mfa", object{"mfa_token": begun.Token, "code": codeOf(t, app.Secret, 0)}).refused(t, 403, "ACCOUNT_DISABLED")
	_, entries := accountLog(t, admin(t).token, "/v1/users/"+p.ID+"/log")
	refused := slices.IndexFunc(entries, func(e accountEntry) bool { return e.Action == "sign_in_refused" })
	if refused < 0 {
		t.Fatalf("no refusal is in the log: %+v", entries)
	}
	expect.Same(t, "why", entries[refused].Detail["because"], "the account is disabled")
	expect.Same(t, "how often", entries[refused].Count, 2)
}

func TestAnAdministratorRemovesTheFactorsOfSomebodyWhoLostThem(t *testing.T) {
	p, boss := signedIn(t), admin(t)
	p.prove(t, object{"password": p.password})
	p.addApp(t)
	path := "/v1/users/" + p.ID + "/factors"
	send(t, request{method: "DELETE", path: path, as: other(t).token}).is(t, 403)
	boss.prove(t, object{"password": boss.password})
	send(t, request{method: "DELETE", path: "/v1/users/" + boss.ID + "/factors", as: boss.token}).refused(t, 403, "FORBIDDEN")
	send(t, request{method: "DELETE", path: path, as: boss.token}).is(t, 204)
	log, entries := accountLog(t, p.token, "/v1/auth/log")
	expect.Same(t, "the log", log, "registered, signed_in, factor_added, factor_removed")
	expect.Same(t, "who removed the factor", entries[0].Actor.ID, boss.ID)
	logIn(t, p.Email, p.password)
}
