package main

import (
	"context"
	"log/slog"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/gateway"
)

type handler struct{ accounts account.Accounts }

// answer has how many were handed over, and how many keys were not: those with a
// scope that only an administrator holds.
type answer struct {
	Projects int `json:"projects"`
	Keys     int `json:"api_keys"`
	Left     int `json:"left"`
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if err := account.ByAdministrator(p); err != nil {
		return gateway.Response{}, err
	}
	var body struct {
		To string `json:"to"`
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	done, err := h.accounts.HandOver(ctx, r, p, body.To)
	if err != nil {
		return gateway.Response{}, err
	}
	slog.InfoContext(ctx, "user's projects and API keys handed over", "by", p.UserID(), "from", r.Path("id"), "to", body.To,
		"projects", done.Projects, "api_keys", done.Keys, "left", done.Left)
	return gateway.JSON(200, answer{done.Projects, done.Keys, done.Left}), nil
}
