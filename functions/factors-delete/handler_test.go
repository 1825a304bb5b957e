package main

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa/mfatest"
	"github.com/latchkey/latchkey/tests/expect"
)

func route(d *mfatest.Door) mfatest.Route {
	return by(d, factor.Nobody)
}

func by(d *mfatest.Door, rule factor.Rule) mfatest.Route {
	return mfatest.Route{T: d.T, Function: gateway.Protected(handler{d.Store, rule, time.Hour}.serve), Method: "DELETE", Resource: "/v1/auth/factors/{id}"}
}

func TestARemovedFactorIsAskedForNoMoreAndTheLastOneTakesTheCodesAlong(t *testing.T) {
	d := mfatest.New(t)
	r, here := route(d), mfatest.As(d.Session)
	d.App()
	d.Passkey()
	for left := 1; left >= 0; left-- {
		_, set := d.Reread()
		id := set.Factors[0].ID
		mfatest.Is(t, "the answer", r.Call(here, id, ""), "204")
		mfatest.Is(t, "again", r.Call(here, id, ""), "404 RESOURCE_NOT_FOUND")
		u, set := d.Reread()
		expect.Same(t, "the factors that are left", len(set.Factors), left)
		expect.Same(t, "a login asks for a factor", u.Factors != "", left > 0)
		expect.Same(t, "recovery codes are there", len(set.Codes) > 0, left > 0)
	}
	expect.Same(t, "the token of a login", d.Enter("192.0.2.7"), "")
}

func TestAPendingFactorIsGivenUp(t *testing.T) {
	d := mfatest.New(t)
	f := factor.Begin(d.User.ID, factor.TOTP, "app", d.Session.ID, time.Now())
	d.Must(d.Store.BeginFactor(t.Context(), f, d.Proof()))
	mfatest.Is(t, "the answer", route(d).Call(mfatest.As(d.Session), f.ID, ""), "204")
	_, set := d.Reread()
	expect.Same(t, "the factors", len(set.Factors), 0)
}

func TestNobodyElseAndNoUnprovenSessionRemovesAFactor(t *testing.T) {
	d := mfatest.New(t)
	r, unproven, ended := route(d), mfatest.As(d.SignIn(d.User)), d.Ended()
	_, mallory := d.Mallory("admin")
	d.App()
	_, set := d.Reread()
	id := set.Factors[0].ID
	mfatest.Is(t, "a session that has proven nothing", r.Call(unproven, id, ""), "403 PROOF_REQUIRED")
	mfatest.Is(t, "a session that has ended", r.Call(ended, id, ""), "409 DUPLICATE_RESOURCE")
	mfatest.Is(t, "an administrator", r.Call(mfatest.As(mallory), id, ""), "404 RESOURCE_NOT_FOUND")
	mfatest.Is(t, "who must add a factor first", r.Call(mfatest.AsSetup(d.Session), id, ""), "401 MISSING_CREDENTIALS")
	r.RefusesAllBut(d, id, "")
	for _, unknown := range []string{"fct_AAAAAAAAAAAAAAAAAAAAAAAAAA", "", "x", "RECOVERY"} {
		mfatest.Is(t, "the factor "+unknown, r.Call(mfatest.As(d.Session), unknown, ""), "404 RESOURCE_NOT_FOUND")
	}
	_, set = d.Reread()
	expect.Same(t, "the factors", len(set.Confirmed("")), 1)
}

func TestTheLastFactorOfWhoMustHaveOneStays(t *testing.T) {
	d := mfatest.New(t)
	here, pending := mfatest.As(d.Session), factor.Begin(d.User.ID, factor.TOTP, "app", d.Session.ID, time.Now())
	d.App()
	d.Passkey()
	d.Must(d.Store.BeginFactor(t.Context(), pending, d.Proof()))
	_, set := d.Reread()
	all := set.Confirmed("")
	r := by(d, factor.Everybody)
	mfatest.Is(t, "a factor beside another", r.Call(here, all[0].ID, ""), "204")
	mfatest.Is(t, "the last", r.Call(here, all[1].ID, ""), "409 FACTOR_REQUIRED")
	mfatest.Is(t, "a pending one", r.Call(here, pending.ID, ""), "204")
	u, set := d.Reread()
	expect.Same(t, "the factors that are left", len(set.Factors), 1)
	expect.Same(t, "a login asks for one", u.Factors != "", true)
	mfatest.Is(t, "the last of a member where administrators must have one", by(d, factor.Administrators).Call(here, all[1].ID, ""), "204")
}
