package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
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
	var body struct {
		Cascade bool `json:"cascade"`
	}
	if err := r.OptionalJSON(&body); err != nil {
		return gateway.Response{}, err
	}
	k, err := owned.OverseenKey(ctx, h.store, p, r.Path("id"))
	if err != nil {
		return gateway.Response{}, err
	}
	if body.Cascade {
		if err := h.revokeAll(ctx, k, r.Source(p)); err != nil {
			return gateway.Response{}, err
		}
	}
	if err := h.store.DeleteKey(ctx, k, audit.New(audit.Deleted, r.Source(p), h.retention)); err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	if r.Resource() == "/v1/api-keys/{id}" { // as the runs dialect answers
		return gateway.JSON(200, map[string]bool{"ok": true}), nil
	}
	return gateway.NoContent(), nil
}

// revokeAll revokes a key and all that came from it. The key is deleted only after that, so that a
// request which failed can be repeated.
func (h handler) revokeAll(ctx context.Context, k apikey.Key, by audit.Source) error {
	if _, err := h.store.RevokeKey(ctx, k, audit.New(audit.Revoked, by, h.retention)); err != nil {
		return owned.Refusal(err)
	}
	_, err := owned.RevokeAllFrom(ctx, h.store, k, by, h.retention)
	return err
}
