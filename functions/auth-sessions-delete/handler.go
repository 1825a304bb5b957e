package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	retention time.Duration // of the account's log
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if _, err := owned.Session(p); err != nil {
		return gateway.Response{}, err
	}
	id := r.Path("id")
	if !session.ValidID(id) {
		return gateway.Response{}, problem.NotFound
	}
	if err := h.end(ctx, r, id, p); err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	return gateway.NoContent(), nil
}

// end ends a session of the caller, or anybody's for an administrator. Error: store.ErrNotFound.
func (h handler) end(ctx context.Context, r *gateway.Request, id string, p gateway.Principal) error {
	ses, err := h.store.Session(ctx, id)
	if err == nil && ses.UserID != p.UserID() && !p.Administrator() {
		err = store.ErrNotFound
	}
	if err != nil {
		return err
	}
	return h.store.EndSessionLogged(ctx, ses, audit.New(audit.SessionEnded, r.Source(p), h.retention))
}
