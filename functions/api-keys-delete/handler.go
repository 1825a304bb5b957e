package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	retention time.Duration
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	k, err := owned.Key(ctx, h.store, p, r.Path("id"))
	if err != nil {
		return gateway.Response{}, err
	}
	if err := h.store.DeleteKey(ctx, k, audit.New(audit.Deleted, r.Source(p), h.retention)); err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	if r.Resource() == "/v1/api-keys/{id}" { // as the runs dialect answers
		return gateway.JSON(200, map[string]bool{"ok": true}), nil
	}
	return gateway.NoContent(), nil
}
