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
	k, err = h.store.RevokeKey(ctx, k, audit.New(audit.Revoked, r.Source(p), h.retention))
	if err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	also := 0
	if body.Cascade {
		if also, err = owned.RevokeAllFrom(ctx, h.store, k, r.Source(p), h.retention); err != nil {
			return gateway.Response{}, err
		}
	}
	if k, err = h.store.WithLastUse(ctx, k); err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(200, struct {
		apikey.View
		AlsoRevoked int `json:"also_revoked"` // keys that came from it
	}{k.View(r.Now), also}), nil
}
