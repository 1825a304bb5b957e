package main

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/mfa/mfatest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func route(d *mfatest.Door) mfatest.Route {
	h := handler{mfa.NewProver(d.Checker(), d.Login, d.Tokens)}
	return mfatest.Route{T: d.T, Function: gateway.Protected(h.serve), Method: "POST", Resource: "/v1/auth/factors/proof"}
}

// proven reports whether a session may change the factors of its user.
func proven(d *mfatest.Door, ses session.Session) bool {
	d.Helper()
	found, _, err := d.Store.CheckSession(d.Context(), ses.ID, nil, time.Now())
	d.Must(err)
	return found.ProvenAt > 0
}

const byPassword = `{"password":"correct horse"}`

func TestThePasswordProvesWhoHasNoFactor(t *testing.T) {
	d := mfatest.New(t)
	r, ses := route(d), d.SignIn(d.User)
	r.Refuses(mfatest.As(ses), "", map[string]string{
		``: "400 INVALID_JSON", `{`: "400 INVALID_JSON", `[]`: "422 VALIDATION_ERROR", `{}`: "422 VALIDATION_ERROR", `{"password":7}`: "422 VALIDATION_ERROR",
		`{"password":"wrong"}`: "422 VALIDATION_ERROR", `{"code":"000000"}`: "422 VALIDATION_ERROR", `{"password":"correct horse","x":1}`: "422 VALIDATION_ERROR",
	})
	r.RefusesAllBut(d, "", byPassword)
	mfatest.Is(t, "who must add a factor first", r.Call(mfatest.AsSetup(ses), "", byPassword), "401 MISSING_CREDENTIALS")
	_, mallory := d.Mallory("member") // who has the same password
	mfatest.Is(t, "somebody else", r.Call(mfatest.As(mallory), "", byPassword), "204")
	expect.Same(t, "Ann's session has proven who she is", proven(d, ses), false)
	mfatest.Is(t, "a session that has ended", r.Call(d.Ended(), "", byPassword), "401 TOKEN_INVALID")
	mfatest.Is(t, "the answer", r.Call(mfatest.As(ses), "", byPassword), "204")
	expect.Same(t, "Ann's session has proven who she is then", proven(d, ses), true)
}

func TestWhoHasAFactorProvesWithAFactorOnce(t *testing.T) {
	d := mfatest.New(t)
	r, ses, other := route(d), d.SignIn(d.User), d.SignIn(d.User)
	secret, codes := d.App()
	r.Refuses(mfatest.As(ses), "", map[string]string{
		byPassword: "422 VALIDATION_ERROR", `{}`: "422 VALIDATION_ERROR", `{"code":"000000"}`: "422 VALIDATION_ERROR", `{"recovery_code":"x"}`: "422 VALIDATION_ERROR",
		`{"code":"000000","recovery_code":"x"}`: "422 VALIDATION_ERROR",
	})
	expect.Same(t, "the session has proven something", proven(d, ses), false)
	for what, good := range map[string]string{
		"a code": mfatest.Text(t, map[string]any{"code": mfatest.Code(t, secret, 0)}), "a recovery code": mfatest.Text(t, map[string]any{"recovery_code": codes[0]}),
	} {
		mfatest.Is(t, what, r.Call(mfatest.As(ses), "", good), "204")
		mfatest.Is(t, what+" once more", r.Call(mfatest.As(other), "", good), "422 VALIDATION_ERROR")
	}
	expect.Same(t, "the session has proven it", proven(d, ses), true)
	expect.Same(t, "the other session has", proven(d, other), false)
}

func TestAPasskeyProvesInTheSessionThatAsked(t *testing.T) {
	d := mfatest.New(t)
	r, ses, other := route(d), d.SignIn(d.User), d.SignIn(d.User)
	k := d.Passkey()
	challenged := func(subject string) string {
		raw, challenge, err := mfa.NewChallenge(t.Context(), d.Tokens, subject, time.Now())
		d.Must(err)
		return mfatest.Text(t, map[string]any{"token": raw, "credential": d.Sign(k, mfatest.Here, challenge).Credential})
	}
	mfatest.Is(t, "the challenge of another session", r.Call(mfatest.As(ses), "", challenged(other.ID)), "422 VALIDATION_ERROR")
	mfatest.Is(t, "the challenge of a sign-in", r.Call(mfatest.As(ses), "", challenged(mfa.SignIn)), "422 VALIDATION_ERROR")
	good := challenged(ses.ID)
	mfatest.Is(t, "the answer", r.Call(mfatest.As(ses), "", good), "204")
	mfatest.Is(t, "once more", r.Call(mfatest.As(ses), "", good), "422 VALIDATION_ERROR")
	mfatest.Is(t, "the answer without a token", r.Call(mfatest.As(ses), "", `{"credential":{"id":"x"}}`), "422 VALIDATION_ERROR")
}

func TestAGuesserInASessionWaits(t *testing.T) {
	d := mfatest.New(t)
	r, ses := route(d), d.SignIn(d.User)
	mfatest.Is(t, "a wrong password", r.Call(mfatest.As(ses), "", `{"password":"wrong"}`), "422 VALIDATION_ERROR")
	d.App()
	for range 5 {
		mfatest.Is(t, "a guess", r.Call(mfatest.As(ses), "", `{"code":"000000"}`), "422 VALIDATION_ERROR")
	}
	a := r.Call(mfatest.As(ses), "", `{"code":"000000"}`)
	mfatest.Is(t, "one more", a, "429 RATE_LIMIT_EXCEEDED")
	expect.Same(t, "Retry-After is sent", a.Header["Retry-After"] != "", true)
	expect.Same(t, "the log", storetest.Said(t, d.Store, d.User.ID), "created; factor_added; proof_refused: the password was wrong, 1; "+
		"proof_refused: the second factor was wrong, 5; signed_in; signed_in")
}
