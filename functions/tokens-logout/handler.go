package main

import (
	"context"
	"errors"

	"github.com/latchkey/latchkey/shared/cookie"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct{ store *store.Store }

func (h handler) serve(ctx context.Context, _ *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	id, err := owned.Session(p)
	if err != nil {
		return gateway.Response{}, err
	}
	// A session that has ended in the meantime is what the caller asked for.
	if err := h.store.EndSession(ctx, id, p.UserID()); err != nil && !errors.Is(err, store.ErrNotFound) {
		return gateway.Response{}, err
	}
	return gateway.Response{Status: 204, Header: cookie.Clear()}, nil
}
