// Package newpassword puts a new password in the place of a user's old one.
//
//	the old one is refused ─► the sessions end ─► the new one is in force
//
// Nothing that the old password opened is good beside the new one, and if the process dies in between the
// old one stays: the same request again does it all. API keys go on working.
package newpassword

import (
	"cmp"
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/password/strength"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// A Setter sets passwords.
type Setter struct {
	Store *store.Store
	Cost  password.Cost

	Retention time.Duration // of the audit log
}

// Check returns what is wrong with a new password of the owner of an e-mail address.
func Check(text, email string) (wrong []problem.Field) {
	if err := cmp.Or(password.Valid(text), strength.Check(text, user.Words(email)...)); err != nil {
		wrong = append(wrong, problem.Field{Field: "password", Message: err.Error()})
	}
	return wrong
}

// A New is a password that has passed Check, and what is to be done with it.
type New struct {
	Password string
	By       link.Purpose // of the link that allows it; "" if the current password does
	Keep     string       // the session that does not end; "" for none
}

// Set sets the password of a user as they were read. Error: store.ErrConflict if they have another one by
// now, or are disabled, or the link was used.
func (s Setter) Set(ctx context.Context, r *gateway.Request, u user.User, n New) error {
	hash, err := s.Cost.Hash(n.Password)
	if err != nil {
		return err
	}
	if u, err = s.Store.BeginPassword(ctx, u, n.By, r.Now); err != nil {
		return err
	}
	if err := s.Store.EndSessions(ctx, u.ID, n.Keep); err != nil {
		return err
	}
	e := audit.New(audit.PasswordChanged, r.SourceOf(u.ID), s.Retention)
	if n.By != "" {
		e.Action, e.Detail = audit.PasswordReset, map[string]string{"by": string(n.By) + " link"}
	}
	return s.Store.FinishPassword(ctx, u, hash, e)
}
