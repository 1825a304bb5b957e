package main

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/mfa/mfatest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func route(d *mfatest.Door) mfatest.Route {
	h := handler{d.Store, d.Vault, d.Party, time.Hour}
	return mfatest.Route{T: d.T, Function: gateway.Protected(h.serve, gateway.Setup), Method: "POST", Resource: "/v1/auth/factors/{id}/confirm"}
}

// begin begins an app in Ann's session, and returns its id and its secret.
func begin(d *mfatest.Door) (id, secret string) { return beginIn(d, d.Session) }

func beginIn(d *mfatest.Door, ses session.Session) (id, secret string) {
	d.Helper()
	plain := factor.NewSecret()
	f := factor.Begin(d.User.ID, factor.TOTP, "app", ses.ID, time.Now())
	var err error
	f.Secret, err = d.Vault.Seal(d.Context(), f, plain)
	d.Must(err)
	proof := d.Proof()
	proof.Session = ses.ID
	d.Must(d.Store.BeginFactor(d.Context(), f, proof))
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

// TestOfSeveralWhoAddTheFirstFactorOneDoes plays sign-ins with the password alone that each add a factor, at
// once: the owner's and those of whoever knows the password too. Of the factors one is confirmed, and its
// codes are the account's.
func TestOfSeveralWhoAddTheFirstFactorOneDoes(t *testing.T) {
	for range storetest.Histories(t, 4) {
		d := mfatest.New(t)
		r, confirmed := route(d), make(chan gatewaytest.Answer, 4)
		var confirm [4]func()
		for i := range confirm {
			ses := d.SignIn(d.User)
			d.Must(d.Store.ProveSession(t.Context(), ses.ID, d.User.ID, "", nil, time.Now()))
			id, secret := beginIn(d, ses)
			confirm[i] = func() { confirmed <- r.Call(mfatest.AsSetup(ses), id, code(d, secret)) }
		}
		var all sync.WaitGroup
		for _, one := range confirm {
			all.Go(one)
		}
		all.Wait()
		close(confirmed)
		var codes []any
		for a := range confirmed {
			if a.Status == 200 {
				codes = append(codes, a.JSON(t)["recovery_codes"].([]any)[0])
			} else if a.Code(t) != "TOKEN_INVALID" && a.Code(t) != "DUPLICATE_RESOURCE" {
				t.Errorf("another: %d %s", a.Status, a.Body)
			}
		}
		_, set := d.Reread()
		expect.Same(t, "the factors that are confirmed", len(set.Confirmed("")), 1)
		expect.Same(t, "how many were told so", len(codes), 1)
		match, err := d.Vault.Match(t.Context(), d.User.ID, codes[0].(string), set.Codes)
		d.Must(err)
		expect.Same(t, "the code that was shown is good", match != "", true)
	}
}
