package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	retention time.Duration
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	var body struct {
		ProjectID string `json:"project_id"`
	}
	if err := r.OptionalJSON(&body); err != nil {
		return gateway.Response{}, err
	}
	in, err := owned.Project(ctx, h.store, p, body.ProjectID)
	if err != nil {
		return gateway.Response{}, err
	}
	made := run.New(p.UserID(), in.ID, h.retention, r.Now)
	r.Concerns(made.ID)
	if err := h.store.CreateRun(ctx, made); err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(201, struct {
		OK     bool   `json:"ok"`
		ID     string `json:"id"`
		Status string `json:"status"`
	}{true, made.ID, made.Status}), nil
}
