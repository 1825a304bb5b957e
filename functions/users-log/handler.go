package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if err := account.ByAdministrator(p); err != nil {
		return gateway.Response{}, err
	}
	id := r.Path("id")
	if !user.ValidID(id) {
		return gateway.Response{}, problem.NotFound
	}
	return account.Log(ctx, h.store, r, id)
}
