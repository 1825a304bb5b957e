package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/session"
)

type handler struct {
	login  *login.Login
	issuer session.Issuer
}

func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	_, ses, err := h.login.Do(ctx, r, h.issuer.Refresh)
	if err != nil {
		return gateway.Response{}, err
	}
	pair, err := h.issuer.Pair(ctx, ses)
	return gateway.JSON(200, pair), err
}
