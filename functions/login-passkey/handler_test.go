package main

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/mfa/mfatest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

const ofSession, ofPair = "/v1/auth/login/passkey", "/api/auth/passkey"

func route(d *mfatest.Door, resource string) mfatest.Route {
	h := handler{d.Second, d.Answers()}
	return mfatest.Route{T: d.T, Function: gateway.Public(d.Store, nil, h.serve), Method: "POST", Resource: resource}
}

// signed is a body with a passkey's answer to a challenge for a subject.
func signed(d *mfatest.Door, k *mfatest.Key, subject string, more ...string) string {
	d.Helper()
	raw, challenge, err := mfa.NewChallenge(d.Context(), d.Tokens, subject, time.Now())
	d.Must(err)
	members := map[string]any{"token": raw, "credential": d.Sign(k, mfatest.Here, challenge).Credential}
	for _, name := range more {
		members[name] = true
	}
	return mfatest.Text(d.T, members)
}

func TestAPasskeySignsInInTheDialectOfThePathOnce(t *testing.T) {
	d := mfatest.New(t)
	k := d.Passkey()
	for resource, member := range map[string]string{ofSession: "token", ofPair: "access_token"} {
		body := signed(d, k, mfa.SignIn)
		a := route(d, resource).Call(nil, "", body)
		mfatest.Is(t, resource, a, "200")
		expect.Same(t, resource+": there is "+member, a.JSON(t)[member] != nil, true)
		mfatest.Is(t, resource+" again", route(d, resource).Call(nil, "", body), "401 INVALID_CREDENTIALS")
	}
	body := signed(d, k, mfa.SignIn, "cookie")
	mfatest.Is(t, "a cookie below /v1", route(d, ofSession).Call(nil, "", body), "422 VALIDATION_ERROR")
	foreign := route(d, ofPair)
	foreign.Header = map[string]string{"Sec-Fetch-Site": "cross-site"}
	mfatest.Is(t, "a cookie for another site's page", foreign.Call(nil, "", body), "403 FORBIDDEN")
	own := route(d, ofPair)
	mfatest.Is(t, "a cookie for what a form could send", own.Call(nil, "", body), "415 UNSUPPORTED_MEDIA_TYPE")
	own.Header = map[string]string{"Content-Type": "application/json"}
	a := own.Call(nil, "", body)
	mfatest.Is(t, "a cookie", a, "200")
	expect.Same(t, "the refresh token is in the cookie", strings.HasPrefix(a.Header["Set-Cookie"], "__Secure-latchkey_refresh=ey"), true)
}

func TestWhatIsWrongSignsInNobody(t *testing.T) {
	d := mfatest.New(t)
	k := d.Passkey()
	_, mallory := d.Mallory("member")
	ofNobody := *k
	ofNobody.Authenticator.Options.UserHandle = []byte("usr_AAAAAAAAAAAAAAAAAAAAAAAAAA")
	ofMallory := *k
	ofMallory.Authenticator.Options.UserHandle = []byte(mallory.UserID)
	foreign := mfatest.NewKey(d.User.ID)
	enter := d.Enter("192.0.2.7")
	route(d, ofSession).Refuses(nil, "", map[string]string{
		``: "400 INVALID_JSON", `{`: "400 INVALID_JSON", `[]`: "422 VALIDATION_ERROR", `{}`: "422 VALIDATION_ERROR",
		`{"token":7}`: "422 VALIDATION_ERROR", `{"token":"x"}`: "422 VALIDATION_ERROR", `{"credential":{"id":"x"},"email":"x"}`: "422 VALIDATION_ERROR",
		`{"credential":{"id":"x"}}`:             "401 TOKEN_INVALID",
		`{"token":"x","credential":{"id":"x"}}`: "401 TOKEN_INVALID",
		mfatest.Text(t, map[string]any{"token": enter, "credential": d.Sign(k, mfatest.Here, d.ChallengeOf(enter)).Credential}): "401 TOKEN_INVALID",
		signed(d, k, d.Session.ID):          "401 TOKEN_INVALID", // for a proof
		signed(d, &ofNobody, mfa.SignIn):    "401 INVALID_CREDENTIALS",
		signed(d, &ofMallory, mfa.SignIn):   "401 INVALID_CREDENTIALS",
		signed(d, foreign, mfa.SignIn):      "401 INVALID_CREDENTIALS",
		credentialOf(d, `"not an answer"`):  "401 INVALID_CREDENTIALS",
		credentialOf(d, `{"id":"x"}`):       "401 INVALID_CREDENTIALS",
		signed(d, k, mfa.SignIn, "unknown"): "422 VALIDATION_ERROR",
	})
	mfatest.Is(t, "the passkey after all that", route(d, ofSession).Call(nil, "", signed(d, k, mfa.SignIn)), "200")
}

func credentialOf(d *mfatest.Door, credential string) string {
	d.Helper()
	raw, _, err := mfa.NewChallenge(d.Context(), d.Tokens, mfa.SignIn, time.Now())
	d.Must(err)
	return `{"token":"` + raw + `","credential":` + credential + `}`
}

func TestADisabledUserIsToldSoByTheirOwnPasskeyOnly(t *testing.T) {
	d, yes := mfatest.New(t), true
	k := d.Passkey()
	admin, _ := d.Mallory("admin")
	_, err := d.Store.ChangeUser(t.Context(), admin.ID, d.User.ID, store.Change{Disabled: &yes}, storetest.Entry, time.Now())
	d.Must(err)
	mfatest.Is(t, "their passkey", route(d, ofSession).Call(nil, "", signed(d, k, mfa.SignIn)), "403 ACCOUNT_DISABLED")
	mfatest.Is(t, "another", route(d, ofSession).Call(nil, "", signed(d, mfatest.NewKey(d.User.ID), mfa.SignIn)), "401 INVALID_CREDENTIALS")
}
