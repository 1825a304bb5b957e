package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/bulk"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct {
	store     *store.Store
	retention time.Duration // of the audit log
}

// A line describes a user. Unlike registration it knows no other words for a role: a typing error in
// a list must not pass in silence.
type line struct {
	Email        string `json:"email"`
	PasswordHash string `json:"password_hash"`
	Role         string `json:"role"`  // "" means member
	Again        bool   `json:"again"` // also if a user of that address was deleted
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if err := bulk.ByAdministrator(p); err != nil {
		return gateway.Response{}, err
	}
	summary, err := bulk.Do(ctx, r, func(ctx context.Context, text gateway.Line) (string, bool, error) {
		return h.one(ctx, r, p, text)
	})
	if err != nil {
		return gateway.Response{}, err
	}
	slog.InfoContext(ctx, "users imported", "by", p.UserID(), "created", summary.Created, "exists", summary.Exists, "refused", summary.Refused)
	return gateway.JSON(200, summary), nil
}

// one imports the user of a line. A user who is there already stays as they are.
func (h handler) one(ctx context.Context, r *gateway.Request, p gateway.Principal, text gateway.Line) (id string, created bool, err error) {
	var l line
	if err := text.JSON(&l); err != nil {
		return "", false, err
	}
	email, hash, err := l.read()
	if err != nil {
		return "", false, err
	}
	u, e := user.New(email, user.RoleOf(l.Role), r.Now), audit.New(audit.Imported, r.Source(p), h.retention)
	if l.Again {
		err = h.store.CreateUser(ctx, u, hash, e)
	} else {
		err = h.store.ImportUser(ctx, u, hash, e, r.Now)
	}
	switch {
	case errors.Is(err, store.ErrDeleted):
		return "", false, problem.Duplicate.WithDetail(`The user was deleted; to bring them back, add "again": true`)
	case errors.Is(err, store.ErrDuplicate):
		was, err := h.store.Login(ctx, email)
		return was.UserID, false, err
	}
	return u.ID, err == nil, err
}

// read returns the address in lower case, and what is stored of the hash.
func (l line) read() (email, hash string, err error) {
	var wrong []problem.Field
	check := func(field string, err error) {
		if err != nil {
			wrong = append(wrong, problem.Field{Field: field, Message: err.Error()})
		}
	}
	email, err = user.Address(l.Email)
	check("email", err)
	hash, err = password.Import(l.PasswordHash)
	check("password_hash", err)
	if l.Role != "" && l.Role != user.RoleOf(l.Role) {
		check("role", errors.New("must be admin or member"))
	}
	if wrong != nil {
		return "", "", problem.Validation(wrong...)
	}
	return email, hash, nil
}
