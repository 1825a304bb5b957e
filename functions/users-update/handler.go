package main

import (
	"context"
	"log/slog"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct{ accounts account.Accounts }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if err := account.ByAdministrator(p); err != nil {
		return gateway.Response{}, err
	}
	var body struct {
		Role     *string `json:"role"`
		Disabled *bool   `json:"disabled"`
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	change := store.Change{Disabled: body.Disabled}
	switch {
	case body.Role == nil && body.Disabled == nil:
		return gateway.Response{}, problem.Validation(problem.Field{Field: "", Message: "must have role, disabled or both"})
	case body.Role != nil && *body.Role != user.RoleOf(*body.Role):
		return gateway.Response{}, problem.Validation(problem.Field{Field: "role", Message: "must be admin or member"})
	case body.Role != nil:
		change.Role = *body.Role
	}
	u, err := h.accounts.Change(ctx, r, p, change)
	if err != nil {
		return gateway.Response{}, err
	}
	slog.InfoContext(ctx, "user changed", "by", p.UserID(), "user", u.ID, "role", u.Role, "status", u.Status())
	return gateway.JSON(200, u.Account()), nil
}
