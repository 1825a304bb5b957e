// Package login exchanges an e-mail address and a password for a session. Two endpoints use it.
//
// An unknown address and a wrong password take the same path: two counts, one read, one argon2id
// hash, one count of the refusal, the same answer.
//
//	count on the account and the address ─► count on the account ─► read ─► hash ─► session
//	   used up: wait, longer each time         used up: wait, unless somebody
//	                                           has logged in from this address
//
// So a guesser soon waits, many guessers together have the tries of one, and nobody can lock the
// owner out of where they usually are (try.go).
package login

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// A Login logs users in.
type Login struct {
	store  *store.Store
	limits ratelimit.Limits
	cost   password.Cost // of a hash; one that costs less is replaced at the next login
	most   int           // sessions of a user; 0 is no bound
	rule   factor.Rule   // who must have a second factor

	retention time.Duration // of the audit log
	tell      Tell
}

// A Tell tells the user of a session that it was opened on a device or at an address that is new to the
// account. It does not fail, and takes no longer than a login may wait. Nil: nobody is told.
type Tell func(context.Context, session.Session)

// New makes a Login.
func New(s *store.Store, limits ratelimit.Limits, cost password.Cost, retention time.Duration) *Login {
	return &Login{store: s, limits: limits, cost: cost, retention: retention}
}

// FromEnv makes one that opens sessions, from PASSWORD_*, AUDIT_RETENTION_DAYS, MAX_SESSIONS and REQUIRE_FACTOR.
func FromEnv(e *env.Reader, s *store.Store, limits ratelimit.Limits) *Login {
	return New(s, limits, password.CostFromEnv(e), e.Days("AUDIT_RETENTION_DAYS")).Bound(e.Int("MAX_SESSIONS", 0)).Requiring(factor.RuleFromEnv(e))
}

// Bound lets a user have that many sessions: with another, the oldest ends. 0 is no bound.
func (l *Login) Bound(sessions int) *Login {
	l.most = sessions
	return l
}

// Requiring has those set a second factor up who must have one and have none.
func (l *Login) Requiring(rule factor.Rule) *Login {
	l.rule = rule
	return l
}

// Telling has users told of sign-ins on new devices.
func (l *Login) Telling(t Tell) *Login {
	l.tell = t
	return l
}

// Given has the address and password that somebody logs in with.
type Given struct{ Email, Password string }

// Do opens a session. It refuses with INVALID_CREDENTIALS, VALIDATION_ERROR, ACCOUNT_DISABLED, or
// RATE_LIMIT_EXCEEDED after too many tries at one account. If the user has a second factor, it returns a
// *Second, and if they must have one and have none, a *Setup (see Unfinished).
func (l *Login) Do(ctx context.Context, r *gateway.Request, given Given, lifetime time.Duration) (user.User, session.Session, error) {
	email, err := given.check()
	if err != nil {
		return user.User{}, session.Session{}, err
	}
	c := l.checkOf(r, email)
	if err := c.password(ctx, given.Password); err != nil {
		return user.User{}, session.Session{}, err
	}
	u, err := c.entrant(ctx)
	if err != nil {
		return user.User{}, session.Session{}, err
	}
	if u.Factors != "" {
		return user.User{}, session.Session{}, cmp.Or[error](c.halfway(ctx, given.Password), &Second{u, c.known})
	}
	again := true
	if l.rule.Asks(u.Role) {
		err = c.halfway(ctx, given.Password)
	} else {
		again, err = c.passed(ctx, given.Password, session.Device(r.UserAgent()))
	}
	if err != nil {
		return user.User{}, session.Session{}, err
	}
	if l.most > 0 {
		if err := l.store.EndOldestSessions(ctx, u.ID, l.most-1); err != nil {
			return user.User{}, session.Session{}, err
		}
	}
	u, ses, err := c.open(ctx, u, lifetime)
	var setup *Setup
	switch {
	case err == nil && !again:
		l.tell(ctx, ses)
	case errors.As(err, &setup) && !c.known && l.tell != nil: // a thief of the password would add a factor
		l.tell(ctx, setup.session)
	}
	return u, ses, err
}

// open writes a session of a user, or finds that they were disabled at this moment, or have another
// role or password now, or a second factor. The session of one who must have a factor is a *Setup.
func (c *check) open(ctx context.Context, u user.User, lifetime time.Duration) (user.User, session.Session, error) {
	for {
		ses := session.New(u, lifetime, c.r.Address(), c.r.UserAgent(), c.r.Now)
		entry := c.signedIn(ses)
		must := c.rule.Asks(u.Role)
		if must {
			entry.Detail["only"] = "to add a second factor"
			ses.ExpiresAt = c.r.Now.Add(setupFor).Unix()
			ses.ProvenAt = c.r.Now.Unix() // by the password, a moment ago
		}
		err := c.store.CreateSession(ctx, ses, entry)
		if err == nil && must {
			return user.User{}, session.Session{}, &Setup{ses}
		}
		if !errors.Is(err, store.ErrConflict) {
			return u, ses, err
		}
		if u, err = c.entrant(ctx); err != nil {
			return user.User{}, session.Session{}, err
		}
		if u.Factors != "" {
			return user.User{}, session.Session{}, &Second{u, c.known}
		}
	}
}

// signedIn is the entry of a session in the account's log.
func (c *check) signedIn(ses session.Session) audit.Entry {
	e := audit.New(audit.SignedIn, c.r.SourceOf(ses.UserID), c.retention)
	e.Detail = map[string]string{"session": ses.ID}
	return e
}

// rehash replaces a hash by one of today's cost, unless the password was changed meanwhile.
func (l *Login) rehash(ctx context.Context, email, given, was string) error {
	hash, err := l.cost.Hash(given)
	if err != nil {
		return err
	}
	err = l.store.ReplacePasswordHash(ctx, email, was, hash)
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// check returns the address in lower case, or VALIDATION_ERROR.
func (g Given) check() (email string, err error) {
	var wrong []problem.Field
	email, err = user.Address(g.Email)
	if err != nil {
		wrong = append(wrong, problem.Field{Field: "email", Message: err.Error()})
	}
	if g.Password == "" || len(g.Password) > password.MaxBytes {
		wrong = append(wrong, problem.Field{Field: "password", Message: "must be given, and have at most 256 bytes"})
	}
	if wrong != nil {
		return "", problem.Validation(wrong...)
	}
	return email, nil
}
