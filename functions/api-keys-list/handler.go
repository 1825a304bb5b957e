package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/paging"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	page, err := paging.Read(r)
	if err != nil {
		return gateway.Response{}, err
	}
	owner, err := owned.Owner(r, p)
	if err != nil {
		return gateway.Response{}, err
	}
	whose := owner
	if id := r.Query("customer_id"); id != "" {
		c, err := owned.Customer(ctx, h.store, p, id)
		if err != nil {
			return gateway.Response{}, err
		}
		whose = c.ID
	}
	list, next, err := h.keys(ctx, whose, page)
	if err != nil {
		return gateway.Response{}, paging.Refusal(err)
	}
	views := make([]apikey.View, 0, len(list))
	for _, k := range list {
		switch {
		case owner != p.UserID() && p.Oversees(k.Owner, k.Project):
			views = append(views, k.OverseenView(r.Now))
		case p.Reaches(k.Owner, k.Project):
			views = append(views, k.View(r.Now))
		}
	}
	res := gateway.JSON(200, views) // the runs dialect lists an array
	if r.Resource() != "/v1/api-keys" {
		res.Body = struct { // the scopes dialect lists an object
			Keys       []apikey.View `json:"api_keys"`
			NextCursor *store.Cursor `json:"next_cursor"`
		}{views, next.OrNil()}
	}
	res.Header = paging.Link(page, next, "owner", r.Query("owner"), "customer_id", r.Query("customer_id"))
	return res, nil
}

func (h handler) keys(ctx context.Context, owner string, page store.Page) ([]apikey.Key, store.Cursor, error) {
	if owner == owned.Everybody {
		return h.store.AllKeys(ctx, page)
	}
	return h.store.Keys(ctx, owner, page)
}
