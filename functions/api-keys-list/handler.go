package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/paging"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	page, err := paging.Read(r)
	if err != nil {
		return gateway.Response{}, err
	}
	list, next, err := h.store.Keys(ctx, p.UserID(), page)
	if err != nil {
		return gateway.Response{}, paging.Refusal(err)
	}
	views := make([]apikey.View, 0, len(list))
	for _, k := range list {
		if p.Reaches(k.Owner, k.Project) {
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
	res.Header = paging.Link(page, next)
	return res, nil
}
