package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/paging"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	current, err := owned.Session(p)
	if err != nil {
		return gateway.Response{}, err
	}
	page, err := paging.Read(r)
	if err != nil {
		return gateway.Response{}, err
	}
	owner, err := owned.Owner(r, p)
	if err == nil && owner == owned.Everybody {
		err = problem.NotFound
	}
	if err != nil {
		return gateway.Response{}, err
	}
	list, next, err := h.store.Sessions(ctx, owner, p.SessionOf(owner), page)
	if err != nil {
		return gateway.Response{}, paging.Refusal(err)
	}
	views := make([]session.View, 0, len(list))
	for _, s := range list {
		if s.Check(r.Now) == nil { // the table may keep one for days after it expired
			views = append(views, s.View(current))
		}
	}
	return gateway.JSON(200, struct {
		Sessions   []session.View `json:"sessions"`
		NextCursor *store.Cursor  `json:"next_cursor"`
	}{views, next.OrNil()}), nil
}
