package main

import (
	"context"
	"errors"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/newpassword"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	login *login.Login
	set   newpassword.Setter
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	session, err := owned.Session(p)
	if err != nil {
		return gateway.Response{}, err
	}
	var body struct {
		Current  string `json:"current_password"`
		Password string `json:"password"`
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	wrong := newpassword.Check(body.Password, p.Email())
	if body.Current == "" || len(body.Current) > password.MaxBytes {
		wrong = append(wrong, problem.Field{Field: "current_password", Message: "must be given, and have at most 256 bytes"})
	}
	if wrong != nil {
		return gateway.Response{}, problem.Validation(wrong...)
	}
	u, err := h.login.Confirm(ctx, r, p.Email(), body.Current)
	if err != nil {
		return gateway.Response{}, err
	}
	err = h.set.Set(ctx, r, u, newpassword.New{Password: body.Password, Keep: session})
	if errors.Is(err, store.ErrConflict) {
		err = problem.Duplicate.WithDetail("The password was changed by another request at this moment, or the account was disabled")
	}
	return gateway.NoContent(), err
}
