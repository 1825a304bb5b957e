package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
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
	u, err := h.store.User(ctx, p.UserID())
	if err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	set, err := h.store.Factors(ctx, u.ID, r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	f, found := set.Find(r.Path("id"))
	if !found {
		return gateway.Response{}, problem.NotFound
	}
	proof := store.Proof{Session: p.SessionID(), UserID: u.ID, Now: r.Now}
	removed := audit.New(audit.FactorRemoved, r.Source(p), h.retention)
	return gateway.NoContent(), owned.FactorRefusal(h.store.RemoveFactor(ctx, u, set, f, proof, removed))
}
