package main

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa/mfatest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
)

func route(d *mfatest.Door) mfatest.Route {
	return mfatest.Route{T: d.T, Function: gateway.Protected(handler{d.Store, d.Tokens, d.Party}.serve), Method: "GET", Resource: "/v1/auth/factors"}
}

func TestTheListSaysHowTheCallerProvesWhoTheyAre(t *testing.T) {
	d := mfatest.New(t)
	elsewhere := d.SignIn(d.User)
	r, unproven, here := route(d), mfatest.As(elsewhere), mfatest.As(d.Session)
	list := func(as map[string]any) (factors int, methods string, proof map[string]any) {
		a := r.Call(as, "", "")
		mfatest.Is(t, "the answer", a, "200")
		body := a.JSON(t)
		proof = body["proof"].(map[string]any)
		for _, method := range proof["methods"].([]any) {
			methods += " " + method.(string)
		}
		return len(body["factors"].([]any)), methods, proof
	}
	factors, methods, proof := list(unproven)
	expect.Same(t, "the factors", factors, 0)
	expect.Same(t, "the methods without a factor", methods, " password")
	expect.Same[any](t, "until when a session has a proof that has none", proof["until"], nil)
	_, _, proof = list(here)
	until, err := time.Parse(time.RFC3339, proof["until"].(string))
	d.Must(err)
	expect.Same(t, "the proof is good for some minutes", time.Until(until) > 9*time.Minute, true)

	d.Must(d.Store.ProveSession(t.Context(), elsewhere.ID, d.User.ID, "", nil, time.Now()))
	secret, _ := d.App()
	_, _, proof = list(mfatest.As(elsewhere))
	expect.Same[any](t, "until when a password proves that was proven before there was a factor", proof["until"], nil)
	_, methods, proof = list(here)
	expect.Same(t, "the proof stays where the factor was added", proof["until"] != nil, true)
	expect.Same(t, "the methods with an app", methods, " totp recovery_code")
	expect.Same[any](t, "the token of a challenge", proof["token"], nil)
	d.Passkey()
	factors, methods, proof = list(here)
	expect.Same(t, "the factors with a passkey", factors, 2)
	expect.Same(t, "the methods with a passkey", methods, " totp passkey recovery_code")
	claims, err := d.Tokens.Verify(t.Context(), proof["token"].(string), token.Challenge)
	d.Must(err)
	expect.Same(t, "whose the challenge is", claims.Subject, d.Session.ID)

	_, mallory := d.Mallory("admin")
	factors, _, _ = list(mfatest.As(mallory))
	expect.Same(t, "the factors of somebody else", factors, 0)
	a := r.Call(here, "", "")
	for _, never := range []string{secret, `"secret"`} {
		expect.Same(t, "the answer has "+never, strings.Contains(a.Body, never), false)
	}
}

func TestOnlyASessionThatHasNotEndedListsFactors(t *testing.T) {
	d := mfatest.New(t)
	route(d).RefusesAllBut(d, "", "")
	mfatest.Is(t, "who must add a factor first", route(d).Call(mfatest.AsSetup(d.Session), "", ""), "401 MISSING_CREDENTIALS")
	mfatest.Is(t, "a session that has ended", route(d).Call(d.Ended(), "", ""), "401 TOKEN_INVALID")
}
