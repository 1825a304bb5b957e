package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct {
	login    *login.Login
	tokens   *token.Authority
	lifetime time.Duration
}

type answer struct {
	OK        bool      `json:"ok"`
	Token     string    `json:"token"`
	User      user.View `json:"user"`
	TokenType string    `json:"token_type"`
	ExpiresIn int       `json:"expires_in"` // seconds
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
		return gateway.Response{}, err
	}
	signed, err := h.tokens.Sign(ctx, ses.Claims(token.Session, h.lifetime))
	if err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(200, answer{true, signed, u.View(), "bearer", int(h.lifetime.Seconds())}), nil
}
