package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/keypair"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/secret"
)

type handler struct {
	public *secret.Source // nil: there are no public keys
}

func (h handler) serve(ctx context.Context, _ *gateway.Request) (gateway.Response, error) {
	if h.public == nil {
		return gateway.Response{}, problem.NotFound
	}
	ring, err := h.public.Ring(ctx)
	if err != nil {
		return gateway.Response{}, err
	}
	set, err := keypair.SetOf(ring)
	if err != nil {
		return gateway.Response{}, err
	}
	// The set has each key long before a token is signed with it, so it may be kept for a while.
	return gateway.Response{Status: 200, Body: set, Header: map[string]string{"Cache-Control": "public, max-age=300"}}, nil
}
