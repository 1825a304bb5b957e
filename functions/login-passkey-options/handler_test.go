package main

import (
	"testing"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/mfa/mfatest"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
)

func route(d *mfatest.Door, party passkey.Party) mfatest.Route {
	h := handler{d.Store, d.Second, d.Tokens, party}
	return mfatest.Route{T: d.T, Function: gateway.Public(d.Store, nil, h.serve), Method: "POST", Resource: "/v1/auth/login/passkey/options"}
}

func TestWhoIsNotKnownGetsAChallengeThatNamesNobody(t *testing.T) {
	d := mfatest.New(t)
	d.Passkey()
	r := route(d, d.Party)
	seen := map[any]bool{}
	for _, body := range []string{``, `{}`} {
		a := r.Call(nil, "", body)
		mfatest.Is(t, "the answer to "+body, a, "200")
		options := a.JSON(t)["public_key"].(map[string]any)
		allowed, _ := options["allowCredentials"].([]any)
		expect.Same(t, "passkeys that are named", len(allowed), 0)
		expect.Same[any](t, "the verification of the person", options["userVerification"], "required")
		claims, err := d.Tokens.Verify(t.Context(), a.JSON(t)["token"].(string), token.Challenge)
		d.Must(err)
		expect.Same(t, "what the challenge is for", claims.Subject, mfa.SignIn)
		expect.Same[any](t, "the challenge", options["challenge"], passkey.ChallengeOf(claims.RegisteredClaims.ID))
		seen[options["challenge"]] = true
	}
	expect.Same(t, "different challenges", len(seen), 2)
}

func TestASecondStepNamesThePasskeysOfItsUser(t *testing.T) {
	d := mfatest.New(t)
	d.App()
	d.Passkey()
	r, raw := route(d, d.Party), d.Enter("192.0.2.7")
	body := mfatest.Text(t, map[string]any{"mfa_token": raw})
	a := r.Call(nil, "", body)
	mfatest.Is(t, "the answer", a, "200")
	options := a.JSON(t)["public_key"].(map[string]any)
	expect.Same(t, "passkeys that are named", len(options["allowCredentials"].([]any)), 1)
	expect.Same[any](t, "the challenge", options["challenge"], d.ChallengeOf(raw))
	expect.Same[any](t, "the token, which is the mfa_token", a.JSON(t)["token"], nil)

	u, set := d.Reread()
	d.Must(d.Store.RemoveFactor(t.Context(), u, set, set.Confirmed(factor.Passkey)[0], d.Proof(), storetest.Entry(audit.FactorRemoved)))
	mfatest.Is(t, "with a token of before", r.Call(nil, "", body), "401 TOKEN_INVALID")
	body = mfatest.Text(t, map[string]any{"mfa_token": d.Enter("192.0.2.7")})
	mfatest.Is(t, "without a passkey", r.Call(nil, "", body), "404 RESOURCE_NOT_FOUND")
}

func TestWhatIsWrongGetsNoOptions(t *testing.T) {
	d := mfatest.New(t)
	d.Passkey()
	raw, challenge := d.Enter("192.0.2.7"), ""
	challenge, _, err := mfa.NewChallenge(t.Context(), d.Tokens, mfa.SignIn, d.Proof().Now)
	d.Must(err)
	route(d, d.Party).Refuses(nil, "", map[string]string{
		`{`: "400 INVALID_JSON", `[]`: "422 VALIDATION_ERROR", `{"mfa_token":7}`: "422 VALIDATION_ERROR", `{"email":"ann@example.com"}`: "422 VALIDATION_ERROR",
		`{"mfa_token":"x"}`: "401 TOKEN_INVALID",
		mfatest.Text(t, map[string]any{"mfa_token": challenge}):                 "401 TOKEN_INVALID",
		mfatest.Text(t, map[string]any{"mfa_token": raw[:len(raw)-4] + "AAAA"}): "401 TOKEN_INVALID",
	})
	mfatest.Is(t, "at an address that is no domain", route(d, passkey.New("192.0.2.1")).Call(nil, "", `{}`), "404 RESOURCE_NOT_FOUND")
}
