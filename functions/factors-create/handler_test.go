package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp"

	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa/mfatest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func route(d *mfatest.Door) mfatest.Route {
	h := handler{d.Store, d.Vault, d.Party, "latchkey.example.com", time.Hour}
	return mfatest.Route{T: d.T, Function: gateway.Protected(h.serve, gateway.Setup), Method: "POST", Resource: "/v1/auth/factors"}
}

func TestAnAppBeginsWithASecretThatIsShownOnceAndGuardsNothingYet(t *testing.T) {
	d := mfatest.New(t)
	a := route(d).Call(mfatest.As(d.Session), "", `{"type":"totp"}`)
	mfatest.Is(t, "the answer", a, "201")
	begun := a.JSON(t)
	expect.Same[any](t, "the name", begun["name"], "Authenticator app")
	expect.Same[any](t, "it is confirmed", begun["confirmed"], false)
	key, err := otp.NewKeyFromURL(begun["uri"].(string))
	d.Must(err)
	expect.Same[any](t, "the secret in the URI", key.Secret(), begun["secret"])
	expect.Same(t, "the issuer in the URI", key.Issuer(), "latchkey.example.com")
	expect.Same(t, "the account in the URI", key.AccountName(), mfatest.Email)
	expect.Same(t, "the QR code is an image", strings.HasPrefix(begun["qr"].(string), "<svg "), true)
	u, set := d.Reread()
	expect.Same(t, "the mark of the factors", u.Factors, "")
	expect.Same(t, "the item has the secret", strings.Contains(set.Factors[0].Secret, key.Secret()), false)
	expect.Same(t, "the token of a login", d.Enter("192.0.2.7"), "")
}

func TestAPasskeyBeginsWithOptionsThatLeaveOutThePasskeysThatAreThere(t *testing.T) {
	d := mfatest.New(t)
	d.Passkey()
	a := route(d).Call(mfatest.As(d.Session), "", `{"type":"passkey","name":"My key"}`)
	mfatest.Is(t, "the answer", a, "201")
	begun := a.JSON(t)
	expect.Same[any](t, "the name", begun["name"], "My key")
	expect.Same[any](t, "the secret of an app", begun["secret"], nil)
	options := begun["public_key"].(map[string]any)
	expect.Same(t, "the passkeys that are left out", len(options["excludeCredentials"].([]any)), 1)
	_, set := d.Reread()
	f, _ := set.Find(begun["id"].(string))
	expect.Same[any](t, "the challenge that is kept", f.Challenge, options["challenge"])
}

func TestNewRecoveryCodesReplaceTheOld(t *testing.T) {
	d := mfatest.New(t)
	_, old := d.App()
	a := route(d).Call(mfatest.As(d.Session), "", `{"type":"recovery_codes"}`)
	mfatest.Is(t, "the answer", a, "201")
	codes := a.JSON(t)["recovery_codes"].([]any)
	expect.Same(t, "how many codes there are", len(codes), 10)
	_, set := d.Reread()
	for code, good := range map[string]bool{old[0]: false, codes[0].(string): true} {
		match, err := d.Vault.Match(t.Context(), d.User.ID, code, set.Codes)
		d.Must(err)
		expect.Same(t, "the code is good", match != "", good)
	}
	expect.Same(t, "the log", storetest.Said(t, d.Store, d.User.ID), "created; factor_added; recovery_codes_made; signed_in")
}

func TestWhatIsWrongBeginsNoFactor(t *testing.T) {
	d := mfatest.New(t)
	here, r := mfatest.As(d.Session), route(d)
	r.Refuses(here, "", map[string]string{
		``: "400 INVALID_JSON", `{`: "400 INVALID_JSON", `[]`: "422 VALIDATION_ERROR", `{}`: "422 VALIDATION_ERROR",
		`{"type":"sms"}`: "422 VALIDATION_ERROR", `{"type":7}`: "422 VALIDATION_ERROR", `{"type":"totp","id":"fct_A"}`: "422 VALIDATION_ERROR",
		`{"type":"totp","name":" "}`: "422 VALIDATION_ERROR", `{"type":"totp","name":"` + strings.Repeat("x", 101) + `"}`: "422 VALIDATION_ERROR",
		`{"type":"totp","name":"\u202e"}`: "422 VALIDATION_ERROR", `{"type":"recovery_codes"}`: "422 VALIDATION_ERROR", // and no factor
	})
	const good = `{"type":"totp"}`
	r.RefusesAllBut(d, "", good)
	mfatest.Is(t, "a session that has proven nothing", r.Call(mfatest.As(d.SignIn(d.User)), "", good), "403 PROOF_REQUIRED")
	mfatest.Is(t, "a session that has ended", r.Call(d.Ended(), "", good), "409 DUPLICATE_RESOURCE")
	_, set := d.Reread()
	expect.Same(t, "the factors", len(set.Factors), 0)
}

func TestAnAccountHasTenFactorsAtMost(t *testing.T) {
	d := mfatest.New(t)
	for i := range factor.Most {
		f := factor.Begin(d.User.ID, factor.TOTP, fmt.Sprint(i), d.Session.ID, time.Now())
		d.Must(d.Store.BeginFactor(t.Context(), f, d.Proof()))
	}
	mfatest.Is(t, "one more", route(d).Call(mfatest.As(d.Session), "", `{"type":"totp"}`), "422 VALIDATION_ERROR")
	mallory, ses := d.Mallory("member")
	mfatest.Is(t, "one of somebody else", route(d).Call(mfatest.As(ses), "", `{"type":"totp"}`), "201")
	set, err := d.Store.Factors(t.Context(), mallory.ID, time.Now())
	d.Must(err)
	expect.Same(t, "the other's factors", len(set.Factors), 1)
}

func TestASessionThatProvedNothingGetsNoCodes(t *testing.T) {
	d := mfatest.New(t)
	thief := mfatest.As(d.SignIn(d.User))
	_, old := d.App()
	mfatest.Is(t, "the answer", route(d).Call(thief, "", `{"type":"recovery_codes"}`), "403 PROOF_REQUIRED")
	_, set := d.Reread()
	match, err := d.Vault.Match(t.Context(), d.User.ID, old[0], set.Codes)
	d.Must(err)
	expect.Same(t, "the old code is good", match != "", true)
}

// The password alone may add a first factor, and nothing beside one that is there.
func TestWhoMustAddAFactorFirstBeginsOneAndMakesNoCodes(t *testing.T) {
	d := mfatest.New(t)
	r, setup := route(d), mfatest.AsSetup(d.Session)
	mfatest.Is(t, "codes without a factor", r.Call(setup, "", `{"type":"recovery_codes"}`), "422 VALIDATION_ERROR")
	mfatest.Is(t, "a factor", r.Call(setup, "", `{"type":"totp"}`), "201")
	d.App() // in another session
	for _, kind := range []string{"totp", "passkey", "recovery_codes"} {
		mfatest.Is(t, kind+" beside a factor", r.Call(setup, "", `{"type":"`+kind+`"}`), "401 TOKEN_INVALID")
	}
}
