package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/cookie"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/session"
)

type handler struct {
	login  *login.Login
	issuer session.Issuer
}

func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	var body struct {
		Email    string `json:"email"`
		Password string `json:"password"`
		Cookie   bool   `json:"cookie"` // keep the refresh token in a cookie, for a browser
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	if body.Cookie {
		if err := cookie.Allowed(r); err != nil {
			return gateway.Response{}, err
		}
	}
	_, ses, err := h.login.Do(ctx, r, login.Given{Email: body.Email, Password: body.Password}, h.issuer.Refresh)
	if err != nil {
		return login.Unfinished(ctx, r, h.issuer.Tokens, login.Pair, err)
	}
	pair, err := h.issuer.Pair(ctx, ses)
	if body.Cookie {
		return cookie.Answer(pair, h.issuer.Refresh), err
	}
	return gateway.JSON(200, pair), err
}
