package main

import (
	"context"
	"errors"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store *store.Store
	sends bool // the deployment sends mail
}

func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	if !h.sends {
		return gateway.Response{}, outbox.NoSender
	}
	var body struct {
		Token string `json:"token"`
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	token, ok := link.Parse(body.Token)
	if !ok {
		return gateway.Response{}, problem.LinkOver
	}
	u, err := h.store.User(ctx, token.UserID)
	if err == nil && !u.VerificationLink.Good(token, r.Now) {
		err = store.ErrNotFound
	}
	if err == nil {
		r.Concerns(u.ID)
		err = h.store.VerifyAddress(ctx, u.ID, *u.VerificationLink, r.Now)
	}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) {
		err = problem.LinkOver
	}
	return gateway.NoContent(), err
}
