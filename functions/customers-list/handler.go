package main

import (
	"context"
	"errors"
	"unicode/utf8"

	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/paging"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	page, err := paging.Read(r)
	if err != nil {
		return gateway.Response{}, err
	}
	in, err := owned.Project(ctx, h.store, p, r.Query("project_id"))
	if err != nil {
		return gateway.Response{}, err
	}
	named, search := r.Query("external_id"), r.Query("search")
	for name, value := range map[string]string{"external_id": named, "search": search} {
		if utf8.RuneCountInString(value) > customer.LongestExternalID {
			return gateway.Response{}, problem.InvalidParameter.WithDetail(name + " must have at most 255 characters")
		}
	}
	list, next, err := h.customers(ctx, in.ID, named, search, page)
	if err != nil {
		return gateway.Response{}, paging.Refusal(err)
	}
	views := make([]customer.View, 0, len(list))
	for _, c := range list {
		views = append(views, c.View(r.Now))
	}
	res := gateway.JSON(200, struct {
		Customers  []customer.View `json:"customers"`
		NextCursor *store.Cursor   `json:"next_cursor"`
	}{views, next.OrNil()})
	res.Header = paging.Link(page, next, "project_id", r.Query("project_id"), "search", search)
	return res, nil
}

// customers returns those of a project that have the text in their names, or the one with that external id.
func (h handler) customers(ctx context.Context, project, externalID, search string, page store.Page) ([]customer.Customer, store.Cursor, error) {
	switch {
	case externalID == "" && search == "":
		return h.store.Customers(ctx, project, page)
	case externalID == "":
		return h.store.SearchCustomers(ctx, project, search, page)
	}
	if page.After != "" { // the one page has no next
		return nil, "", store.ErrCursor
	}
	c, err := h.store.CustomerNamed(ctx, project, externalID)
	if errors.Is(err, store.ErrNotFound) || err == nil && !c.Has(search) {
		return nil, "", nil
	}
	return []customer.Customer{c}, "", err
}
