package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store  *store.Store
	outbox outbox.Outbox
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if _, err := owned.Session(p); err != nil {
		return gateway.Response{}, err
	}
	if !h.outbox.Sends() {
		return gateway.Response{}, outbox.NoSender
	}
	m := outbox.Message{Name: string(link.Verification), Email: p.Email()}
	return gateway.NoContent(), h.outbox.PutFew(ctx, h.store, m, r.Now)
}
