package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/cookie"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/refresh"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

type handler struct {
	store  *store.Store
	issuer session.Issuer

	retention time.Duration // of the account's log
}

func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	var body struct {
		RefreshToken string `json:"refresh_token"`
		Cookie       bool   `json:"cookie"` // take it from the cookie
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	if body.Cookie == (body.RefreshToken != "") {
		return gateway.Response{}, problem.Validation(problem.Field{
			Field: "refresh_token", Message: "must be given here, or in the cookie with cookie: true, and not in both"})
	}
	presented := body.RefreshToken
	if body.Cookie {
		var err error
		if presented, err = fromCookie(r); err != nil {
			return gateway.Response{}, err
		}
	}
	claims, err := h.issuer.Tokens.Verify(ctx, presented, token.Refresh)
	if err != nil {
		return gateway.Response{}, authn.RefusalOfToken(err)
	}
	replayed := audit.New(audit.SessionEnded, r.SourceOf(""), h.retention)
	replayed.Detail = map[string]string{"because": audit.TokenUsedAgain}
	ses, err := refresh.Rotate(ctx, h.store, claims.SessionID, session.Refresh{
		Generation: claims.Generation, Address: r.Address(), UserAgent: r.UserAgent(),
		Lifetime: h.issuer.Refresh, Family: h.issuer.Family, Now: r.Now,
	}, replayed)
	if err != nil {
		return gateway.Response{}, authn.RefusalOfToken(err)
	}
	pair, err := h.issuer.Pair(ctx, ses)
	if body.Cookie {
		return cookie.Answer(pair, h.issuer.Refresh), err
	}
	return gateway.JSON(200, pair), err
}

func fromCookie(r *gateway.Request) (string, error) {
	if err := cookie.Allowed(r); err != nil {
		return "", err
	}
	return cookie.Token(r)
}
