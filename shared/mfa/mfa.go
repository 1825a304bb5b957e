// Package mfa checks second factors: what a login needs beside the password, what a passkey does alone,
// and what a session must prove before it changes the factors of its user.
//
//	POST /v1/auth/login      right password, factor on ─► mfa_token (package login)
//	POST /v1/auth/login/mfa  mfa_token and a code ─► count ─► read ─► check ─► one transaction:
//	                         the session, the factor's last step or counter or one recovery code less,
//	                         the token used, password and factors and user as they were
//
// So a code, a counter and a token are each good once, however many requests bring them at once, and
// nothing that changed since the password was checked is passed by.
package mfa

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// A Checker checks what somebody presents as a factor. Make one per process.
type Checker struct {
	store *store.Store
	vault factor.Vault
	party passkey.Party

	retention time.Duration // of the account's log
}

// NewChecker makes a Checker.
func NewChecker(s *store.Store, vault factor.Vault, party passkey.Party, retention time.Duration) Checker {
	return Checker{s, vault, party, retention}
}

// Given is one of three proofs.
type Given struct {
	Code         string
	RecoveryCode string
	Credential   json.RawMessage // the answer of an authenticator, as WebAuthn's toJSON() has it
}

// maxCode is more than a code has, in whatever way it is typed.
const maxCode = 64

// Check returns VALIDATION_ERROR unless just one proof is given.
func (g Given) Check() error {
	given := 0
	for _, there := range []bool{g.Code != "", g.RecoveryCode != "", len(g.Credential) > 0} {
		if there {
			given++
		}
	}
	if given != 1 {
		return problem.Validation(problem.Field{Message: "give one of code, recovery_code and credential"})
	}
	if len(g.Code) > maxCode || len(g.RecoveryCode) > maxCode {
		return problem.Validation(problem.Field{Message: "a code has at most 64 characters"})
	}
	return nil
}

// ErrWrong is the answer to every factor that is not good.
var ErrWrong = problem.InvalidCredentials.WithDetail("The second factor is wrong, or was used before")

// wrongs limits wrong factors of an account. Who goes on when they are used up waits twice as long each
// time, up to an hour: a guesser of codes has some 300 tries a day, of which one in 300,000 is right.
var wrongs = ratelimit.Limit{Category: ratelimit.Auth, Max: 5, Window: time.Minute}

// A Try is somebody's to prove that they are a user.
type Try struct {
	User user.User
	// From tells apart whose tries are counted together. Who tries knows the password already, or has a
	// session; nobody else can use the tries up.
	From      string
	Challenge string // that a passkey must have signed
	Once      string // the jti of the token with the challenge, which is used up; "" for none
	OnceUntil time.Time
}

// Check counts a try, and checks the proof. It returns the use, for the transaction of what the proof
// opens. Errors: INVALID_CREDENTIALS, RATE_LIMIT_EXCEEDED.
func (c Checker) Check(ctx context.Context, r *gateway.Request, t Try, g Given) (store.Use, error) {
	if _, state, err := c.store.CountTry(ctx, "factor:"+t.User.ID, t.From, wrongs, r.Now); err != nil {
		return store.Use{}, gateway.Limited(state, err)
	}
	set, err := c.store.Factors(ctx, t.User.ID, r.Now)
	if err != nil {
		return store.Use{}, err
	}
	use := store.Use{UserID: t.User.ID, Once: t.Once, OnceUntil: t.OnceUntil.Unix(), Now: r.Now}
	switch {
	case g.Code != "":
		return c.code(ctx, set, use, g.Code)
	case g.RecoveryCode != "":
		return c.recovery(ctx, r, set, use, g.RecoveryCode)
	}
	answer, err := passkey.Read(g.Credential)
	if err != nil {
		return use, ErrWrong
	}
	return c.passkey(ctx, r, t.User, set, use, t.Challenge, answer, false)
}

// Forget forgets the tries before one that was good.
func (c Checker) Forget(ctx context.Context, t Try, now time.Time) error {
	_, err := c.store.SignedIn(ctx, "factor:"+t.User.ID, t.From, "", now)
	return err
}

func (c Checker) code(ctx context.Context, set factor.Set, use store.Use, code string) (store.Use, error) {
	for _, f := range set.Confirmed(factor.TOTP) {
		secret, err := c.vault.Open(ctx, f)
		if err != nil {
			return use, err
		}
		if step := factor.Step(secret, code, use.Now); step > f.LastStep {
			use.Factor, use.Type, use.Step = f.ID, factor.TOTP, step
			return use, nil
		}
	}
	return use, ErrWrong
}

func (c Checker) recovery(ctx context.Context, r *gateway.Request, set factor.Set, use store.Use, code string) (store.Use, error) {
	match, err := c.vault.Match(ctx, use.UserID, code, set.Codes)
	if err != nil {
		return use, err
	}
	if match == "" {
		return use, ErrWrong
	}
	e := audit.New(audit.RecoveryCodeUsed, r.SourceOf(use.UserID), c.retention)
	use.Type, use.Code, use.Logged = factor.Recovery, match, &e
	return use, nil
}

// passkey checks an answer. A counter that does not grow is refused, and shown in the list of factors:
// there may be a copy of the authenticator (WebAuthn §6.1.1). Authenticators that do not count send 0.
func (c Checker) passkey(ctx context.Context, r *gateway.Request, u user.User, set factor.Set, use store.Use, challenge string, answer passkey.Presented, alone bool) (store.Use, error) {
	f, count, err := c.party.Verify(r, u, set, challenge, answer, alone)
	if errors.Is(err, passkey.ErrInvalid) {
		return use, ErrWrong
	}
	if err != nil {
		return use, err
	}
	if count <= f.SignCount && (count != 0 || f.SignCount != 0) {
		slog.WarnContext(ctx, "the counter of a passkey ran backwards", slog.String("factor", f.ID), slog.String("user", u.ID))
		if err := c.store.NoteCopy(ctx, u.ID, f.ID, r.Now); err != nil {
			return use, err
		}
		return use, ErrWrong
	}
	use.Factor, use.Type, use.SignCount = f.ID, factor.Passkey, count
	return use, nil
}

// CheckerFromEnv makes a Checker from a store and what the environment names.
func CheckerFromEnv(e *env.Reader, s *store.Store) Checker {
	return NewChecker(s, factor.NewVault(secret.Factors(e)), passkey.FromEnv(e), e.Days("AUDIT_RETENTION_DAYS"))
}
