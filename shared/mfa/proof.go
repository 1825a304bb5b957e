package mfa

import (
	"cmp"
	"context"
	"errors"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

// A Prover lets a session prove who its user is, before it changes their factors. A stolen session
// cannot. Whoever has a factor proves with a factor, so a stolen password removes none.
type Prover struct {
	Checker
	login  *login.Login
	tokens *token.Authority
}

// NewProver makes a Prover.
func NewProver(c Checker, l *login.Login, tokens *token.Authority) Prover {
	return Prover{c, l, tokens}
}

// Prove notes a proof on the caller's session. Errors: VALIDATION_ERROR if it is wrong or of another
// kind than the user has; RATE_LIMIT_EXCEEDED; TOKEN_INVALID if the session has ended.
func (v Prover) Prove(ctx context.Context, r *gateway.Request, p gateway.Principal, password, challenge string, g Given) error {
	u, err := v.store.User(ctx, p.UserID())
	if errors.Is(err, store.ErrNotFound) {
		return problem.TokenInvalid
	}
	if err != nil {
		return err
	}
	if u.Factors == "" {
		if password == "" {
			return wrongField("password", "must be given: the account has no second factor")
		}
		if _, err := v.login.Confirm(ctx, r, u.Email, password); errors.Is(err, problem.WrongPassword) {
			return wrongField("password", "is wrong")
		} else if err != nil {
			return err
		}
		return ended(v.store.ProveSession(ctx, p.SessionID(), u.ID, "", nil, r.Now))
	}
	if password != "" {
		return wrongField("password", "is no proof: the account has a second factor; give code, recovery_code or credential")
	}
	if err := g.Check(); err != nil {
		return err
	}
	t := Try{User: u, From: "session"}
	if len(g.Credential) > 0 {
		claims, err := v.tokens.Verify(ctx, challenge, token.Challenge)
		if err != nil || claims.Subject != p.SessionID() {
			return wrongField("token", "must be that of GET /v1/auth/factors in this session, and at most 5 minutes old")
		}
		t.Once, t.OnceUntil = claims.RegisteredClaims.ID, claims.ExpiresAt.Time
		t.Challenge = passkey.ChallengeOf(t.Once)
	}
	use, err := v.Check(ctx, r, t, g)
	if err != nil {
		return v.refused(ctx, r, u, err, g.field())
	}
	if err := v.store.ProveSession(ctx, p.SessionID(), u.ID, u.Factors, &use, r.Now); err != nil {
		return v.refused(ctx, r, u, ended(err), g.field())
	}
	return v.Forget(ctx, t, r.Now)
}

// refused turns a wrong proof into a VALIDATION_ERROR, after the account's log has it. The caller's session is
// good, so it is no 401.
func (v Prover) refused(ctx context.Context, r *gateway.Request, u user.User, err error, field string) error {
	if !errors.Is(err, store.ErrUsed) && !errors.Is(err, ErrWrong) {
		return err
	}
	e := audit.RefusedProof(audit.WrongFactor, r.SourceOf(u.ID), v.retention)
	return cmp.Or(v.store.RefuseSignIn(ctx, u.ID, u.Email, e), wrongField(field, "is wrong, or was used before"))
}

func (g Given) field() string {
	switch {
	case g.Code != "":
		return "code"
	case g.RecoveryCode != "":
		return "recovery_code"
	}
	return "credential"
}

func wrongField(field, message string) error {
	return problem.Validation(problem.Field{Field: field, Message: message})
}

func ended(err error) error {
	if errors.Is(err, session.ErrEnded) || errors.Is(err, store.ErrConflict) {
		return problem.TokenInvalid
	}
	return err
}
