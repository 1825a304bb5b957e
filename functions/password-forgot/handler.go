package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct {
	store  *store.Store
	outbox outbox.Outbox
}

type taken struct {
	OK bool `json:"ok"`
}

// serve does the same for every address, and reads nothing about it: mail-send finds out whose it is.
func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	var body struct {
		Email string `json:"email"`
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	email, err := user.Address(body.Email)
	if err != nil {
		return gateway.Response{}, problem.Validation(problem.Field{Field: "email", Message: err.Error()})
	}
	if h.outbox.Sends() {
		err = h.outbox.PutFew(ctx, h.store, outbox.Message{Name: "reset", Email: email}, r.Now)
	}
	return gateway.JSON(202, taken{true}), err
}
