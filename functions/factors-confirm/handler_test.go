package main

import (
	"context"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa/mfatest"
	"github.com/latchkey/latchkey/tests/expect"
)

func route(d *mfatest.Door) mfatest.Route {
	h := handler{d.Store, d.Vault, d.Party, time.Hour}
	return mfatest.Route{T: d.T, Function: gateway.Protected(h.serve), Method: "POST", Resource: "/v1/auth/factors/{id}/confirm"}
}

// begin begins an app in Ann's session, and returns its id and its secret.
func begin(d *mfatest.Door) (id, secret string) {
	d.Helper()
	plain := factor.NewSecret()
	f := factor.Begin(d.User.ID, factor.TOTP, "app", d.Session.ID, time.Now())
	var err error
	f.Secret, err = d.Vault.Seal(d.Context(), f, plain)
	d.Must(err)
	d.Must(d.Store.BeginFactor(d.Context(), f, d.Proof()))
	return f.ID, factor.Base32(plain)
}

func code(d *mfatest.Door, secret string) string {
	d.Helper()
	return `{"code":"` + mfatest.Code(d.T, secret, 0) + `"}`
}

func TestACodeConfirmsAnAppOnceAndTheFirstFactorBringsRecoveryCodes(t *testing.T) {
	d := mfatest.New(t)
	r, here := route(d), mfatest.As(d.Session)
	id, secret := begin(d)
	a := r.Call(here, id, code(d, secret))
	mfatest.Is(t, "the answer", a, "200")
	expect.Same[any](t, "it is confirmed", a.JSON(t)["confirmed"], true)
	expect.Same(t, "recovery codes", len(a.JSON(t)["recovery_codes"].([]any)), 10)
	mfatest.Is(t, "again", r.Call(here, id, code(d, secret)), "404 RESOURCE_NOT_FOUND")
	raw := d.Enter("192.0.2.7")
	expect.Same(t, "a login asks for a factor", raw != "", true)

	id, secret = begin(d)
	a = r.Call(here, id, code(d, secret))
	mfatest.Is(t, "the second factor", a, "200")
	expect.Same[any](t, "recovery codes with the second factor", a.JSON(t)["recovery_codes"], nil)
	_, set := d.Reread()
	expect.Same(t, "the confirmed factors", len(set.Confirmed(factor.TOTP)), 2)
}

func TestThePasskeyThatTheOptionsAskedForIsConfirmed(t *testing.T) {
	d := mfatest.New(t)
	r, here := route(d), mfatest.As(d.Session)
	var options any
	f := factor.Begin(d.User.ID, factor.Passkey, "key", d.Session.ID, time.Now())
	d.Serve("", func(_ context.Context, q *gateway.Request) (gateway.Response, error) {
		u, set := d.Reread()
		var err error
		options, f.Challenge, err = d.Party.Creation(q, u, set)
		return gateway.NoContent(), err
	})
	d.Must(d.Store.BeginFactor(d.Context(), f, d.Proof()))
	k := mfatest.NewKey(d.User.ID)
	elsewhere := virtualwebauthn.RelyingParty{ID: mfatest.Domain, Name: "Latchkey", Origin: "https://latchkey.example.net"}
	credential := func(at virtualwebauthn.RelyingParty, options any) string {
		return mfatest.Text(t, map[string]any{"credential": k.Make(t, at, options)})
	}
	mfatest.Is(t, "on another page", r.Call(here, f.ID, credential(elsewhere, options)), "422 VALIDATION_ERROR")
	r.Refuses(here, f.ID, map[string]string{
		`{"code":"000000"}`: "422 VALIDATION_ERROR", `{"credential":{}}`: "422 VALIDATION_ERROR", `{"credential":"x"}`: "422 VALIDATION_ERROR",
		`{"credential":{"id":"x","rawId":"x","type":"public-key","response":{}}}`: "422 VALIDATION_ERROR",
	})
	a := r.Call(here, f.ID, credential(mfatest.Here, options))
	mfatest.Is(t, "the answer", a, "200")
	expect.Same[any](t, "its type", a.JSON(t)["type"], "passkey")
	mfatest.Is(t, "again", r.Call(here, f.ID, credential(mfatest.Here, options)), "404 RESOURCE_NOT_FOUND")
}

func TestOnlyTheSessionThatBeganAFactorConfirmsIt(t *testing.T) {
	d := mfatest.New(t)
	r, here := route(d), mfatest.As(d.Session)
	other := d.SignIn(d.User)
	d.Must(d.Store.ProveSession(t.Context(), other.ID, d.User.ID, "", nil, time.Now()))
	ended := d.Ended()
	_, mallory := d.Mallory("admin")
	id, secret := begin(d)
	for who, as := range map[string]map[string]any{
		"another session of hers": mfatest.As(other), "a session of hers that has ended": ended, "somebody else": mfatest.As(mallory),
	} {
		mfatest.Is(t, who, r.Call(as, id, code(d, secret)), "404 RESOURCE_NOT_FOUND")
	}
	r.RefusesAllBut(d, id, code(d, secret))
	for _, unknown := range []string{"fct_AAAAAAAAAAAAAAAAAAAAAAAAAA", "", "x", "RECOVERY"} {
		mfatest.Is(t, "the factor "+unknown, r.Call(here, unknown, code(d, secret)), "404 RESOURCE_NOT_FOUND")
	}
	d.Must(d.Store.EndSession(t.Context(), d.Session.ID, d.User.ID))
	mfatest.Is(t, "the session, after it ended", r.Call(here, id, code(d, secret)), "409 DUPLICATE_RESOURCE")
	u, _ := d.Reread()
	expect.Same(t, "the mark of the factors", u.Factors, "")
}

func TestAWrongCodeConfirmsNothing(t *testing.T) {
	d := mfatest.New(t)
	id, secret := begin(d)
	_, another := begin(d)
	route(d).Refuses(mfatest.As(d.Session), id, map[string]string{
		``: "400 INVALID_JSON", `{`: "400 INVALID_JSON", `[]`: "422 VALIDATION_ERROR", `{}`: "422 VALIDATION_ERROR", `{"code":123456}`: "422 VALIDATION_ERROR",
		`{"code":"000000","name":"x"}`: "422 VALIDATION_ERROR", `{"credential":{}}`: "422 VALIDATION_ERROR",
		code(d, another): "422 VALIDATION_ERROR", `{"code":"` + mfatest.Code(t, secret, 5) + `"}`: "422 VALIDATION_ERROR",
	})
	u, _ := d.Reread()
	expect.Same(t, "the mark of the factors", u.Factors, "")
}
