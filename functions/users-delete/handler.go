package main

import (
	"context"
	"log/slog"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ accounts account.Accounts }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	u, err := h.accounts.Change(ctx, r, p, store.Change{Delete: true})
	if err != nil {
		return gateway.Response{}, err
	}
	slog.InfoContext(ctx, "user deleted", "by", p.UserID(), "user", u.ID)
	return gateway.NoContent(), nil
}
