package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct {
	store *store.Store
	cost  password.Cost

	retention time.Duration // of the audit log
}

// A Request names the administrator. ResetPassword is for an operator who has lost the password.
type Request struct {
	Email         string `json:"email"`
	ResetPassword bool   `json:"reset_password"`
}

// An Answer has the password only if this call made it: it is stored nowhere.
type Answer struct {
	Created  bool   `json:"created"`
	Email    string `json:"email"`
	Password string `json:"password,omitempty"`
}

func (h handler) serve(ctx context.Context, req Request) (Answer, error) {
	email, err := user.Address(req.Email)
	if err != nil {
		return Answer{}, fmt.Errorf("email: %w", err)
	}
	if req.ResetPassword {
		return h.reset(ctx, email)
	}
	generated := rand.Text() // 130 bits
	hash, err := h.cost.Hash(generated)
	if err != nil {
		return Answer{}, err
	}
	err = h.store.CreateUser(ctx, user.New(email, user.Admin, time.Now()), hash, h.entry(audit.Registered))
	if errors.Is(err, store.ErrDuplicate) {
		return Answer{Email: email}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	slog.InfoContext(ctx, "administrator created", "email", email)
	return Answer{Created: true, Email: email, Password: generated}, nil
}

// reset replaces the password of somebody who is there. It makes nobody: a typing error in the
// address must not leave one more administrator behind.
func (h handler) reset(ctx context.Context, email string) (Answer, error) {
	generated := rand.Text()
	hash, err := h.cost.Hash(generated)
	if err != nil {
		return Answer{}, err
	}
	err = h.store.SetPassword(ctx, email, hash, h.entry(audit.PasswordReset))
	if errors.Is(err, store.ErrNotFound) {
		return Answer{}, fmt.Errorf("nobody has the address %s; to make an administrator, leave reset_password out", email)
	}
	if err != nil {
		return Answer{}, err
	}
	slog.WarnContext(ctx, "password reset", "email", email)
	return Answer{Email: email, Password: generated}, nil
}

// entry is an entry of what an operator does, of whom the function knows nothing: CloudTrail does.
func (h handler) entry(action string) audit.Entry {
	return audit.New(action, audit.Source{Actor: audit.Actor{Type: "operator"}, Now: time.Now()}, h.retention)
}
