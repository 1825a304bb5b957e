package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/paging"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct{ store *store.Store }

// maxSearch is as long as an e-mail address can be.
const maxSearch = 254

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if err := account.ByAdministrator(p); err != nil {
		return gateway.Response{}, err
	}
	page, err := paging.Read(r)
	if err != nil {
		return gateway.Response{}, err
	}
	search := r.Query("search")
	if len(search) > maxSearch {
		return gateway.Response{}, problem.InvalidParameter.WithDetail("search must have at most 254 bytes")
	}
	list, next, err := h.store.Users(ctx, search, page)
	if err != nil {
		return gateway.Response{}, paging.Refusal(err)
	}
	accounts := make([]user.Account, 0, len(list))
	for _, u := range list {
		accounts = append(accounts, u.Account())
	}
	res := gateway.JSON(200, struct {
		Users      []user.Account `json:"users"`
		NextCursor *store.Cursor  `json:"next_cursor"`
	}{accounts, next.OrNil()})
	res.Header = paging.Link(page, next, "search", search)
	return res, nil
}
