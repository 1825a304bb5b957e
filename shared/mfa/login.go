package mfa

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

// A Login completes logins.
type Login struct {
	Checker
	tokens *token.Authority
	most   int // sessions of a user; 0 is no bound
	tell   login.Tell
}

// NewLogin makes a Login. most bounds the sessions of a user, as login.Bound does.
func NewLogin(c Checker, tokens *token.Authority, most int) *Login {
	return &Login{c, tokens, most, nil}
}

// Telling has users told of sign-ins on new devices.
func (l *Login) Telling(t login.Tell) *Login {
	l.tell = t
	return l
}

// A Begun is a login whose password was right.
type Begun struct {
	User   user.User
	claims token.Claims
}

// Dialect returns that of the login that began.
func (b Begun) Dialect() string { return b.claims.Login.Dialect }

// Challenge returns what a passkey must sign to complete the login.
func (b Begun) Challenge() string { return passkey.ChallengeOf(b.claims.RegisteredClaims.ID) }

// Begun reads an mfa_token. Errors: TOKEN_EXPIRED; TOKEN_INVALID, also if the password or the factors
// were changed since, or the user is gone; ACCOUNT_DISABLED.
func (l *Login) Begun(ctx context.Context, r *gateway.Request, raw string) (Begun, error) {
	claims, err := l.tokens.Verify(ctx, raw, token.MFA)
	if err != nil {
		return Begun{}, authn.RefusalOfToken(err)
	}
	r.Concerns(claims.Subject)
	u, err := l.store.User(ctx, claims.Subject)
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return Begun{}, err
	case err != nil || u.Factors != claims.Login.Factors || u.PasswordMark != claims.Login.Password:
		return Begun{}, problem.TokenInvalid
	case u.DisabledAt != nil:
		return Begun{}, l.refused(ctx, r, u, problem.AccountDisabled)
	}
	return Begun{u, claims}, nil
}

// try is one to complete a login.
func (b Begun) try() Try {
	from := "strangers" // all addresses that the account does not know, together
	if b.claims.Login.Known {
		from = "known"
	}
	return Try{b.User, from, b.Challenge(), b.claims.RegisteredClaims.ID, b.claims.ExpiresAt.Time}
}

// Complete opens the session of a login. Errors: INVALID_CREDENTIALS, RATE_LIMIT_EXCEEDED; TOKEN_INVALID
// if the token was used.
func (l *Login) Complete(ctx context.Context, r *gateway.Request, b Begun, g Given, lifetime time.Duration) (session.Session, error) {
	t := b.try()
	use, err := l.Check(ctx, r, t, g)
	if err != nil {
		return session.Session{}, l.refused(ctx, r, t.User, err)
	}
	ses, err := l.open(ctx, r, t, use, lifetime)
	return ses, l.refused(ctx, r, t.User, err)
}

// refused returns the error. Of a wrong factor, and of a disabled account, the account's log has an entry then.
func (l *Login) refused(ctx context.Context, r *gateway.Request, u user.User, err error) error {
	because := audit.WrongFactor
	if errors.Is(err, problem.AccountDisabled) {
		because = audit.AccountDisabled
	} else if !errors.Is(err, ErrWrong) {
		return err
	}
	e := audit.RefusedSignIn(because, r.SourceOf(""), l.retention)
	return cmp.Or(l.store.RefuseSignIn(ctx, u.ID, u.Email, e), err)
}

func (l *Login) open(ctx context.Context, r *gateway.Request, t Try, use store.Use, lifetime time.Duration) (session.Session, error) {
	ses := session.New(t.User, lifetime, r.Address(), r.UserAgent(), r.Now)
	ses.Factor = use.Type
	if l.most > 0 {
		if err := l.store.EndOldestSessions(ctx, t.User.ID, l.most-1); err != nil {
			return ses, err
		}
	}
	e := audit.New(audit.SignedIn, r.SourceOf(ses.UserID), l.retention)
	e.Detail = map[string]string{"session": ses.ID, "factor": use.Type}
	switch err := l.store.CreateSessionWith(ctx, ses, t.User.Factors, use, e); {
	case errors.Is(err, store.ErrUsed):
		return ses, ErrWrong
	case errors.Is(err, store.ErrConflict):
		return ses, problem.TokenInvalid
	case err != nil:
		return ses, err
	}
	if err := l.Forget(ctx, t, r.Now); err != nil {
		return ses, err
	}
	again, err := l.store.SignedIn(ctx, t.User.Email, r.Address(), session.Device(r.UserAgent()), r.Now)
	if err == nil && !again && l.tell != nil {
		l.tell(ctx, ses)
	}
	return ses, err
}

// Alone signs in with a passkey and nothing else. raw is the token that came with the challenge. Errors:
// TOKEN_EXPIRED, TOKEN_INVALID; INVALID_CREDENTIALS, also for a user who is not there; ACCOUNT_DISABLED.
func (l *Login) Alone(ctx context.Context, r *gateway.Request, raw string, credential json.RawMessage, lifetime time.Duration) (user.User, session.Session, error) {
	var none session.Session
	claims, err := l.tokens.Verify(ctx, raw, token.Challenge)
	if err != nil || claims.Subject != SignIn {
		return user.User{}, none, authn.RefusalOfToken(orInvalid(err))
	}
	answer, err := passkey.Read(credential)
	if err != nil || !user.ValidID(answer.UserID()) {
		return user.User{}, none, ErrWrong
	}
	u, err := l.store.User(ctx, answer.UserID())
	if errors.Is(err, store.ErrNotFound) || err == nil && u.Factors == "" {
		return u, none, ErrWrong
	}
	if err != nil {
		return u, none, err
	}
	r.Concerns(u.ID)
	set, err := l.store.Factors(ctx, u.ID, r.Now)
	if err != nil {
		return u, none, err
	}
	jti := claims.RegisteredClaims.ID
	use := store.Use{UserID: u.ID, Once: jti, OnceUntil: claims.ExpiresAt.Unix(), Now: r.Now}
	if use, err = l.passkey(ctx, r, u, set, use, passkey.ChallengeOf(jti), answer, true); err != nil {
		return u, none, l.refused(ctx, r, u, err)
	}
	if u.DisabledAt != nil {
		return u, none, l.refused(ctx, r, u, problem.AccountDisabled)
	}
	ses, err := l.open(ctx, r, Try{User: u, From: "known"}, use, lifetime)
	return u, ses, l.refused(ctx, r, u, err)
}

func orInvalid(err error) error {
	if err == nil {
		return token.ErrInvalid
	}
	return err
}
