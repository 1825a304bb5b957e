package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/paging"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	page, err := paging.Read(r)
	if err != nil {
		return gateway.Response{}, err
	}
	of := p.UserID()
	if id := r.Query("project"); id != "" || p.Type() != gateway.User { // a key sees its own project
		in, err := owned.Project(ctx, h.store, p, id)
		if err != nil {
			return gateway.Response{}, err
		}
		of = in.ID
	}
	list, next, err := h.store.Runs(ctx, of, page, r.Now)
	if err != nil {
		return gateway.Response{}, paging.Refusal(err)
	}
	views := make([]run.View, 0, len(list))
	for _, found := range list {
		views = append(views, found.View())
	}
	res := gateway.JSON(200, views)
	res.Header = paging.Link(page, next, "project", r.Query("project"))
	return res, nil
}
