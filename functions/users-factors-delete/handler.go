package main

import (
	"context"
	"log/slog"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ accounts account.Accounts }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	u, err := h.accounts.Of(ctx, r, p)
	if err != nil {
		return gateway.Response{}, err
	}
	if u.ID == p.UserID() {
		return gateway.Response{}, problem.Forbidden.WithDetail("Remove your own factors one by one: DELETE /v1/auth/factors/{id}")
	}
	set, err := h.accounts.Store.Factors(ctx, u.ID, r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	by, err := h.accounts.Store.User(ctx, p.UserID())
	if err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	proof := store.Proof{Session: p.SessionID(), UserID: by.ID, Factors: by.Factors, Now: r.Now}
	entry := func(action string) audit.Entry { return audit.New(action, r.Source(p), h.accounts.Retention) }
	if err := h.accounts.Store.RemoveFactors(ctx, u, set, proof, entry); err != nil {
		return gateway.Response{}, owned.FactorRefusal(err)
	}
	slog.InfoContext(ctx, "second factors removed", "by", p.UserID(), "user", u.ID)
	return gateway.NoContent(), nil
}
