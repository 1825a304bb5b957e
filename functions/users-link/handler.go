package main

import (
	"context"
	"errors"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct {
	accounts account.Accounts
	outbox   outbox.Outbox
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	u, err := h.accounts.Of(ctx, r, p)
	if err != nil {
		return gateway.Response{}, err
	}
	var body struct {
		Purpose link.Purpose `json:"purpose"`
		Show    bool         `json:"show"` // the link, also where the deployment sends mail
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	if err := allowed(u, body.Purpose); err != nil {
		return gateway.Response{}, err
	}
	if h.outbox.Sends() && !body.Show {
		sent, err := h.outbox.Deliver(ctx, u, body.Purpose, r.Source(p))
		return gateway.JSON(201, sent), err
	}
	l, token := link.New(u.ID, body.Purpose, r.Now)
	made := audit.MadeLink(string(body.Purpose), audit.ByHand, r.Source(p), h.accounts.Retention)
	err = h.accounts.Store.MakeLink(ctx, u, body.Purpose, l, made)
	if errors.Is(err, store.ErrConflict) {
		err = disabled
	}
	return gateway.JSON(201, outbox.Shown(r, body.Purpose, token)), err
}

var disabled = problem.Duplicate.WithDetail("The user is disabled: enable them first")

// allowed refuses a link that the user has no use for.
func allowed(u user.User, p link.Purpose) error {
	switch {
	case p != link.Invitation && p != link.Reset:
		return problem.Validation(problem.Field{Field: "purpose", Message: "must be invitation or reset"})
	case u.DisabledAt != nil:
		return disabled
	case p == link.Invitation && u.InvitedAt == nil:
		return problem.Duplicate.WithDetail("The user has a password already: make a reset link")
	}
	return nil
}
