package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// withFactor gives a user an authenticator app. It returns what else a change of their factors needs.
func withFactor(t *testing.T, s *store.Store, u user.User) (user.User, factor.Set, store.Proof) {
	t.Helper()
	u, err := s.User(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	ses := session.New(u, time.Hour, "192.0.2.7", "test", now)
	f := factor.Begin(u.ID, factor.TOTP, "app", ses.ID, now)
	proof := store.Proof{Session: ses.ID, UserID: u.ID, Now: now}
	for _, do := range []func() error{
		func() error { return s.CreateSession(t.Context(), ses, signedInNow()) },
		func() error { return s.ProveSession(t.Context(), ses.ID, u.ID, "", nil, now) },
		func() error { return s.BeginFactor(t.Context(), f, proof) },
		func() error {
			return s.ConfirmFactor(t.Context(), u, factor.Set{}, f, []string{"1:a", "1:b"}, proof, storetest.Entry(audit.FactorAdded))
		},
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	if u, err = s.User(t.Context(), u.ID); err != nil {
		t.Fatal(err)
	}
	proof.Factors = u.Factors
	return u, factorsOf(t, s, u.ID), proof
}

func signedInNow() audit.Entry {
	return audit.New(audit.SignedIn, audit.Source{Now: time.Now()}, time.Hour)
}

func factorsOf(t *testing.T, s *store.Store, userID string) factor.Set {
	t.Helper()
	set, err := s.Factors(t.Context(), userID, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestRestoreBringsBackNoFactorThatWasRemoved(t *testing.T) {
	l := newLossy(t)
	u, set, proof := withFactor(t, l.s, l.user)
	l.pass()
	if err := l.s.RemoveFactor(t.Context(), u, set, set.Factors[0], proof, storetest.Entry(audit.FactorRemoved)); err != nil {
		t.Fatal(err)
	}
	l.restore()
	left := factorsOf(t, l.s, u.ID)
	expect.Same(t, "factors and codes after the restore", len(left.Factors)+len(left.Codes), 0)
}

func TestNothingIsLeftOfTheFactorsOfOneWhoWasDeletedAndNoRestoreBringsThemBack(t *testing.T) {
	l := newLossy(t)
	u, _, _ := withFactor(t, l.s, l.user)
	l.pass()
	l.changedSince(store.Change{Delete: true})
	left := factorsOf(t, l.s, u.ID)
	expect.Same(t, "factors and codes after the deletion", len(left.Factors)+len(left.Codes), 0)
	l.restore()
	left = factorsOf(t, l.s, u.ID)
	expect.Same(t, "factors and codes after the restore", len(left.Factors)+len(left.Codes), 0)
}

func TestASessionIsMadeOnlyOfTheFactorsThatTheLoginRead(t *testing.T) {
	l := newLossy(t)
	u, _, _ := withFactor(t, l.s, l.user)
	err := l.s.CreateSession(t.Context(), session.New(l.user, time.Hour, "192.0.2.7", "test", time.Now()), signedInNow())
	expect.Same(t, "a session without a factor", err, store.ErrConflict)
	use := store.Use{UserID: u.ID, Type: factor.Recovery, Code: "1:a", Now: time.Now()}
	err = l.s.CreateSessionWith(t.Context(), session.New(u, time.Hour, "192.0.2.7", "test", time.Now()), "another mark", use, signedInNow())
	expect.Same(t, "a session of other factors", err, store.ErrConflict)
	err = l.s.CreateSessionWith(t.Context(), session.New(u, time.Hour, "192.0.2.7", "test", time.Now()), u.Factors, use, signedInNow())
	expect.Same(t, "a session with a recovery code", err, nil)
	expect.Same(t, "the codes that are left", len(factorsOf(t, l.s, u.ID).Codes), 1)
}

func TestEachChangeOfFactorsIsInTheAccountsLog(t *testing.T) {
	s := storetest.New(t)
	admin, member := people(t, s)
	u, set, proof := withFactor(t, s, member)
	if err := s.RemoveFactor(t.Context(), u, set, set.Factors[0], proof, storetest.Entry(audit.FactorRemoved)); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the log", accountLog(t, s, u.ID), "registered, signed_in, signed_in, factor_added, factor_removed")

	_, set, proof = withFactor(t, s, admin)
	admin, err := s.User(t.Context(), admin.ID)
	if err != nil {
		t.Fatal(err)
	}
	stale := admin
	stale.Head = audit.Head{}
	err = s.RemoveFactors(t.Context(), stale, set, proof, storetest.Entry)
	expect.Same(t, "a removal that does not know of the last change", err, store.ErrConflict)
	if err := s.RemoveFactors(t.Context(), admin, set, proof, storetest.Entry); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the other log", accountLog(t, s, admin.ID), "registered, signed_in, factor_added, factor_removed")
	entries, _, err := s.AccountLog(t.Context(), admin.ID, store.Page{Limit: 1}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the name of what was removed", entries[0].Label, "app")
	expect.Same(t, "its id", entries[0].Detail["factor"], set.Factors[0].ID)
}

func TestAProofEndsWithAChangeOfTheFactorsInAnotherSession(t *testing.T) {
	s := storetest.New(t)
	_, member := people(t, s)
	now := time.Now()
	thief := session.New(member, time.Hour, "192.0.2.9", "test", now)
	if err := errors.Join(s.CreateSession(t.Context(), thief, signedInNow()), s.ProveSession(t.Context(), thief.ID, member.ID, "", nil, now)); err != nil {
		t.Fatal(err)
	}
	u, set, here := withFactor(t, s, member)
	stolen := store.Proof{Session: thief.ID, UserID: u.ID, Factors: u.Factors, Now: now}
	err := s.RemoveFactor(t.Context(), u, set, set.Factors[0], stolen, storetest.Entry(audit.FactorRemoved))
	expect.Same(t, "a removal by the password that was proven before the factor", err, store.ErrUnproven)
	err = s.ReplaceCodes(t.Context(), u, []string{"1:x"}, stolen, storetest.Entry(audit.CodesMade))
	expect.Same(t, "new codes by it", err, store.ErrUnproven)
	err = s.BeginFactor(t.Context(), factor.Begin(u.ID, factor.TOTP, "mine", thief.ID, now), stolen)
	expect.Same(t, "a factor more by it", err, store.ErrUnproven)
	expect.Same(t, "new codes in the session that added it", s.ReplaceCodes(t.Context(), u, []string{"1:c"}, here, storetest.Entry(audit.CodesMade)), nil)

	use := store.Use{UserID: u.ID, Type: factor.Recovery, Code: "1:c", Now: now}
	expect.Same(t, "a proof by a factor", s.ProveSession(t.Context(), thief.ID, u.ID, u.Factors, &use, now), nil)
	expect.Same(t, "a change after it", s.BeginFactor(t.Context(), factor.Begin(u.ID, factor.TOTP, "new", thief.ID, now), stolen), nil)
}
