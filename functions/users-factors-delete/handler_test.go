package main

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa/mfatest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func route(d *mfatest.Door) mfatest.Route {
	h := handler{account.Accounts{Store: d.Store, Retention: time.Hour}}
	return mfatest.Route{T: d.T, Function: gateway.Protected(h.serve), Method: "DELETE", Resource: "/v1/users/{id}/factors"}
}

func TestAnAdministratorRemovesAllThatSomebodyHas(t *testing.T) {
	d := mfatest.New(t)
	d.App()
	d.Passkey()
	admin, ses := d.Mallory(user.Admin)
	for _, again := range []string{"", " again"} { // a request whose answer was lost
		mfatest.Is(t, "the answer"+again, route(d).Call(mfatest.As(ses), d.User.ID, ""), "204")
		u, set := d.Reread()
		expect.Same(t, "factors and codes that are left", len(set.Factors)+len(set.Codes), 0)
		expect.Same(t, "the mark of the factors", u.Factors, "")
	}
	entries, _, err := d.Store.AccountLog(t.Context(), d.User.ID, store.Page{Limit: 2}, time.Now())
	d.Must(err)
	for _, e := range entries {
		expect.Same(t, "the entry", e.Action, audit.FactorRemoved)
		expect.Same(t, "by whom", e.Actor.ID, admin.ID)
	}
	expect.Same(t, "the token of a login", d.Enter("192.0.2.7"), "")
}

func TestNobodyElseRemovesTheFactorsOfAUser(t *testing.T) {
	d := mfatest.New(t)
	d.App()
	r := route(d)
	admin, ses := d.Mallory(user.Admin)
	unproven := d.SignIn(admin)
	mfatest.Is(t, "a member", r.Call(mfatest.As(d.Session), admin.ID, ""), "403 FORBIDDEN")
	mfatest.Is(t, "the user", r.Call(mfatest.As(d.Session), d.User.ID, ""), "403 FORBIDDEN")
	mfatest.Is(t, "an administrator for themselves", r.Call(mfatest.As(ses), admin.ID, ""), "403 FORBIDDEN")
	mfatest.Is(t, "an administrator who has proven nothing", r.Call(mfatest.As(unproven), d.User.ID, ""), "403 PROOF_REQUIRED")
	d.Must(d.Store.EndSession(t.Context(), ses.ID, admin.ID))
	mfatest.Is(t, "an administrator whose session has ended", r.Call(mfatest.As(ses), d.User.ID, ""), "409 DUPLICATE_RESOURCE")
	r.RefusesAllBut(d, d.User.ID, "")
	for _, unknown := range []string{"usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", "", "x"} {
		mfatest.Is(t, "the user "+unknown, r.Call(mfatest.As(ses), unknown, ""), "404 RESOURCE_NOT_FOUND")
	}
	_, set := d.Reread()
	expect.Same(t, "the factors", len(set.Confirmed("")), 1)
}
