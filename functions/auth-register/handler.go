package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/password/strength"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct {
	store *store.Store
	cost  password.Cost
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if p.Role() != user.Admin {
		return gateway.Response{}, problem.Forbidden.WithDetail("Only an administrator may register users")
	}
	if p.Type() != gateway.User && p.ExpiresAt() != 0 {
		return gateway.Response{}, problem.Forbidden.WithDetail("The account would outlive the credential that registers it: log in, or use a key that does not expire")
	}
	var body struct {
		Email    string `json:"email"`
		Password string `json:"password"`
		Role     any    `json:"role"` // any unrecognised value is a member: the runs dialect
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	var wrong []problem.Field
	email, err := user.Address(body.Email)
	if err != nil {
		wrong = append(wrong, problem.Field{Field: "email", Message: err.Error()})
	}
	if err := cmp.Or(password.Valid(body.Password), strength.Check(body.Password, user.Words(email)...)); err != nil {
		wrong = append(wrong, problem.Field{Field: "password", Message: err.Error()})
	}
	if wrong != nil {
		return gateway.Response{}, problem.Validation(wrong...)
	}
	hash, err := h.cost.Hash(body.Password)
	if err != nil {
		return gateway.Response{}, err
	}
	role, _ := body.Role.(string)
	u := user.New(email, user.RoleOf(role), r.Now)
	r.Concerns(u.ID)
	err = h.store.CreateUser(ctx, u, hash)
	if errors.Is(err, store.ErrDuplicate) {
		return gateway.Response{}, problem.Duplicate.WithDetail("The e-mail address is already registered")
	}
	if err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(201, struct {
		OK   bool      `json:"ok"`
		User user.View `json:"user"`
	}{true, u.View()}), nil
}
