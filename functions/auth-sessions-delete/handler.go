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
	if err := h.end(ctx, id, p); err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	return gateway.NoContent(), nil
}

// end ends a session of the caller, or anybody's for an administrator.
func (h handler) end(ctx context.Context, id string, p gateway.Principal) error {
	if p.Administrator() {
		return h.store.EndAnySession(ctx, id)
	}
	return h.store.EndSession(ctx, id, p.UserID())
}
