package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	rule      factor.Rule
	retention time.Duration // of the account's log
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if _, err := owned.Session(p); err != nil {
		return gateway.Response{}, err
	}
	f, err := owned.FactorOf(ctx, h.store, p.UserID(), r.Path("id"), r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	if f.Last() && h.rule.Asks(f.User.Role) {
		return gateway.Response{}, problem.FactorRequired
	}
	proof := store.Proof{Session: p.SessionID(), UserID: p.UserID(), Factors: f.User.Factors, Now: r.Now}
	removed := audit.New(audit.FactorRemoved, r.Source(p), h.retention)
	return gateway.NoContent(), owned.FactorRefusal(h.store.RemoveFactor(ctx, f.User, f.All, f.Factor, proof, removed))
}
