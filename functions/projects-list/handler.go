package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/paging"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
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
	if p.Type() != gateway.User {
		if page.After != "" { // the one page of a key's list has no next
			return gateway.Response{}, paging.Refusal(store.ErrCursor)
		}
		own, err := owned.Project(ctx, h.store, p, "")
		return gateway.JSON(200, []project.View{own.View()}), err
	}
	list, next, err := h.store.Projects(ctx, owner, page)
	if err != nil {
		return gateway.Response{}, paging.Refusal(err)
	}
	views := make([]project.View, 0, len(list))
	for _, found := range list {
		views = append(views, found.View())
	}
	return gateway.JSON(200, struct {
		Projects   []project.View `json:"projects"`
		NextCursor *store.Cursor  `json:"next_cursor"`
	}{views, next.OrNil()}), nil
}
