package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// A guarded user has an authenticator app and recovery codes, and a session that has proven who they are.
type guarded struct {
	*leaver
	proof store.Proof
}

var codesOfGuarded = []string{"1:a", "1:b", "1:c"}

func newGuarded(h history) guarded {
	h.Helper()
	l := &leaver{history: h, User: registered(h, user.Member)}
	ses := session.New(l.User, time.Hour, "192.0.2.7", "test", now)
	g := guarded{l, store.Proof{Session: ses.ID, UserID: l.ID, Now: now}}
	f := factor.Begin(l.ID, factor.TOTP, "app", ses.ID, now)
	for _, do := range []func() error{
		func() error { return h.calm.CreateSession(ctx, ses, entry(audit.SignedIn)) },
		func() error { return h.calm.ProveSession(ctx, ses.ID, l.ID, "", nil, now) },
		func() error { return h.calm.BeginFactor(ctx, f, g.proof) },
		func() (err error) { l.User, err = h.calm.User(ctx, l.ID); return err },
		func() error {
			return h.calm.ConfirmFactor(ctx, l.User, factor.Set{}, f, codesOfGuarded, g.proof, entry(audit.FactorAdded))
		},
	} {
		if err := do(); err != nil {
			h.Fatal(err)
		}
	}
	l.sessions = append(l.sessions, ses.ID)
	var err error
	if l.User, err = h.calm.User(ctx, l.ID); err != nil { // with the mark of the factors
		h.Fatal(err)
	}
	g.proof.Factors = l.Factors
	return g
}

// try does what may be refused because the user is leaving.
func (g guarded) try(do func() error) error {
	return g.answered(func() error {
		err := do()
		for _, refusal := range []error{store.ErrUnproven, store.ErrUsed, session.ErrEnded} {
			if errors.Is(err, refusal) {
				return store.ErrConflict
			}
		}
		return err
	})
}

// secondStep completes logins, each with a recovery code, and refreshes them.
func (g guarded) secondStep() {
	for _, code := range codesOfGuarded {
		ses := session.New(g.User, time.Hour, "192.0.2.7", "test", now)
		use := store.Use{UserID: g.ID, Type: factor.Recovery, Code: code, Now: now}
		if g.try(func() error { return g.s.CreateSessionWith(ctx, ses, g.Factors, use, entry(audit.SignedIn)) }) != nil {
			continue
		}
		g.mu.Lock()
		g.sessions = append(g.sessions, ses.ID)
		g.mu.Unlock()
		_ = g.try(func() error {
			_, err := g.s.RotateSession(ctx, ses.ID, session.Refresh{Lifetime: time.Hour, Family: 2 * time.Hour, Now: now})
			return err
		})
	}
}

// change adds a factor or replaces the codes, or an administrator removes all.
func (g guarded) change(by store.Proof) {
	u, err := g.calm.User(ctx, g.ID)
	if err != nil {
		return
	}
	set, err := g.calm.Factors(ctx, g.ID, now)
	if err != nil {
		g.Fatal(err)
	}
	switch g.IntN(3) {
	case 0:
		f := factor.Begin(g.ID, factor.TOTP, "another", g.proof.Session, now)
		if g.try(func() error { return g.s.BeginFactor(ctx, f, g.proof) }) == nil {
			_ = g.try(func() error { return g.s.ConfirmFactor(ctx, u, set, f, nil, g.proof, entry(audit.FactorAdded)) })
		}
	case 1:
		_ = g.try(func() error { return g.s.ReplaceCodes(ctx, u, []string{"1:d"}, g.proof, entry(audit.CodesMade)) })
	default:
		_ = g.try(func() error { return g.s.RemoveFactors(ctx, u, set, by, entry) })
	}
}

// TestRacesOfTheEndOfAUserAndTheirSecondFactors plays them: a user is disabled or deleted while others
// complete logins with their factors, refresh them and change the factors. It must hold: after the answer no
// session is good, whenever it was made or refreshed; and after a deletion nothing is left of the factors.
func TestRacesOfTheEndOfAUserAndTheirSecondFactors(t *testing.T) {
	play(t, 16, func(h history) {
		admin, g := registered(h, user.Admin), newGuarded(h)
		adminSession := session.New(admin, time.Hour, "192.0.2.8", "test", now)
		by := store.Proof{Session: adminSession.ID, UserID: admin.ID, Now: now}
		if err := errors.Join(h.calm.CreateSession(ctx, adminSession, entry(audit.SignedIn)), h.calm.ProveSession(ctx, by.Session, admin.ID, "", nil, now)); err != nil {
			h.Fatal(err)
		}
		yes := true
		change := []store.Change{{Disabled: &yes}, {Delete: true}}[h.IntN(2)]
		began := time.Duration(h.IntN(60)) * time.Millisecond
		var all sync.WaitGroup
		all.Go(g.secondStep)
		all.Go(func() { g.change(by) })
		all.Go(func() {
			time.Sleep(began)
			if err := h.answered(func() error { return changeUser(h.s, admin.ID, g.ID, change) }); err != nil && !errors.Is(err, store.ErrNotFound) {
				h.wrong("the end of the user: %v", err)
			}
			g.over("at the answer")
		})
		all.Wait()
		g.over("at last")
		if !change.Delete {
			return
		}
		left, err := h.calm.Factors(ctx, g.ID, now)
		if err != nil {
			h.Fatal(err)
		}
		if len(left.Factors)+len(left.Codes) > 0 {
			h.wrong("after the deletion there are factors: %+v", left)
		}
	})
}
