package main

import (
	"context"
	"errors"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/newpassword"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct{ set newpassword.Setter }

func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	var body struct {
		Token    string `json:"token"`
		Password string `json:"password"`
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	u, by, err := h.holder(ctx, r, body.Token)
	if err != nil {
		return gateway.Response{}, err
	}
	if wrong := newpassword.Check(body.Password, u.Email); wrong != nil {
		return gateway.Response{}, problem.Validation(wrong...)
	}
	err = h.set.Set(ctx, r, u, newpassword.New{Password: body.Password, By: by})
	if errors.Is(err, store.ErrConflict) {
		err = problem.LinkOver
	}
	return gateway.NoContent(), err
}

// holder returns the user whom a token is for, and the purpose of its link, or problem.LinkOver.
func (h handler) holder(ctx context.Context, r *gateway.Request, text string) (user.User, link.Purpose, error) {
	token, ok := link.Parse(text)
	if !ok {
		return user.User{}, "", problem.LinkOver
	}
	u, err := h.set.Store.User(ctx, token.UserID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return user.User{}, "", err
	}
	for _, by := range []link.Purpose{link.Reset, link.Invitation} {
		if err == nil && u.DisabledAt == nil && u.Link(by).Good(token, r.Now) {
			r.Concerns(u.ID)
			return u, by, nil
		}
	}
	return user.User{}, "", problem.LinkOver
}
