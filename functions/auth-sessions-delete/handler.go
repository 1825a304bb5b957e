package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if _, err := owned.Session(p); err != nil {
		return gateway.Response{}, err
	}
	id := r.Path("id")
	if !session.ValidID(id) {
		return gateway.Response{}, problem.NotFound
	}
	if err := h.store.EndSession(ctx, id, p.UserID()); err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	return gateway.NoContent(), nil
}
