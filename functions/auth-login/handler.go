package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/token"
)

type handler struct {
	login    *login.Login
	tokens   *token.Authority
	lifetime time.Duration
}

func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	var body struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	u, ses, err := h.login.Do(ctx, r, login.Given(body), h.lifetime)
	if err != nil {
		return login.Unfinished(ctx, r, h.tokens, login.OneToken, err)
	}
	return login.Answer(ctx, h.tokens, u, ses, h.lifetime)
}
