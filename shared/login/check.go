package login

import (
	"cmp"
	"context"
	"errors"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// A check is one of a password, which counts as a try to log in.
type check struct {
	*Login
	r     *gateway.Request
	tried try
	known bool       // somebody has logged in from this address
	found user.Login // the zero Login if nobody has that e-mail address
	stale bool
	proof bool // of somebody who is signed in
}

func (l *Login) checkOf(r *gateway.Request, email string) *check {
	return &check{Login: l, r: r, tried: try{email, r.Address(), l.limits.ForAccount(), r.Now}}
}

// password counts the try, and refuses a password that is wrong with INVALID_CREDENTIALS.
func (c *check) password(ctx context.Context, given string) (err error) {
	if c.known, err = c.count(ctx, c.tried); err != nil {
		return err
	}
	c.found, err = c.store.Login(ctx, c.tried.email)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	c.r.Concerns(c.found.UserID) // "" if nobody has that address
	matches, stale, err := c.cost.Matches(given, c.found.PasswordHash)
	if err == nil && !matches {
		err = c.refused(ctx, audit.WrongPassword, problem.InvalidCredentials)
	}
	c.stale = stale
	return err
}

// refused returns the refusal, which the account's log has then. If there is no such account, as much is
// written elsewhere.
func (c *check) refused(ctx context.Context, because string, refusal error) error {
	e := audit.RefusedSignIn(because, c.r.SourceOf(""), c.retention)
	if c.proof {
		e = audit.RefusedProof(because, c.r.SourceOf(c.found.UserID), c.retention)
	}
	return cmp.Or(c.store.RefuseSignIn(ctx, c.found.UserID, c.tried.email, e), refusal)
}

// user returns the user whose password was right, or ACCOUNT_DISABLED. The password is wrong by now if
// another has taken its place since.
func (c *check) user(ctx context.Context) (user.User, error) {
	u, err := c.store.User(ctx, c.found.UserID)
	switch {
	case err != nil && !errors.Is(err, store.ErrNotFound):
		return u, err
	case err != nil || u.PasswordMark != c.found.PasswordMark: // deleted, or changed, at this moment
		return u, problem.InvalidCredentials
	case u.DisabledAt != nil:
		return u, c.refused(ctx, audit.AccountDisabled, problem.AccountDisabled)
	}
	return u, nil
}

// entrant is user, unless another password is about to take the place of this one.
func (c *check) entrant(ctx context.Context) (user.User, error) {
	u, err := c.user(ctx)
	if err == nil && u.ReplacedUntil > c.r.Now.Unix() {
		err = problem.InvalidCredentials
	}
	return u, err
}

// passed takes the count of the try back, and replaces a hash that is not of today's cost. again is as forget
// has it.
func (c *check) passed(ctx context.Context, given, device string) (again bool, err error) {
	if err := c.renew(ctx, given); err != nil {
		return false, err
	}
	return c.forget(ctx, c.tried, c.known, device)
}

func (c *check) renew(ctx context.Context, given string) error {
	if !c.stale {
		return nil
	}
	return c.rehash(ctx, c.tried.email, given, c.found.PasswordHash)
}

// halfway is passed for a login that needs more than the password. The try was no guess, so its count is
// taken back; but only a login that is completed lets the account know the address.
func (c *check) halfway(ctx context.Context, given string) error {
	if err := c.renew(ctx, given); err != nil {
		return err
	}
	if c.known || c.tried.limit == nil {
		return nil
	}
	return c.store.UncountPublic(ctx, c.tried.shared(), *c.tried.limit, c.tried.now)
}

// Confirm checks the password of a user who is logged in. It counts as a try to log in, so whoever has
// stolen a session guesses no faster than a stranger. It returns the user with the mark of that password.
// It refuses a wrong one with problem.WrongPassword, and also with ACCOUNT_DISABLED and
// RATE_LIMIT_EXCEEDED.
func (l *Login) Confirm(ctx context.Context, r *gateway.Request, email, password string) (u user.User, err error) {
	c := l.checkOf(r, email)
	c.proof = true
	if err = c.password(ctx, password); err == nil {
		u, err = c.user(ctx)
	}
	if errors.Is(err, problem.InvalidCredentials) {
		err = problem.WrongPassword
	}
	if err == nil {
		_, err = c.passed(ctx, password, "") // no login, so its device is as new as before
	}
	return u, err
}
