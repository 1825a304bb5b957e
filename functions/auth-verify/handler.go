package main

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store *store.Store
	sends bool // the deployment sends mail

	retention time.Duration // of the account's log
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
		err = h.store.VerifyAddress(ctx, u, *u.VerificationLink, audit.New(audit.AddressVerified, r.SourceOf(u.ID), h.retention), r.Now)
	}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrConflict) {
		err = problem.LinkOver
	}
	return gateway.NoContent(), err
}
