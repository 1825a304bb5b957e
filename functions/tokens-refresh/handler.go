package main

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/cookie"
	"github.com/latchkey/latchkey/shared/factor"
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
	rule   factor.Rule

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
	ses, err := h.rotate(ctx, r, claims.SessionID, claims.Generation)
	if err != nil {
		return gateway.Response{}, authn.RefusalOfToken(err)
	}
	pair, err := h.issuer.Pair(ctx, ses)
	if body.Cookie {
		return cookie.Answer(pair, h.issuer.Refresh), err
	}
	return gateway.JSON(200, pair), err
}

// rotate is refresh.Rotate. It ends the session of somebody who must have a second factor if the session was
// opened without one, before the deployment or the person had to.
func (h handler) rotate(ctx context.Context, r *gateway.Request, id string, generation int) (session.Session, error) {
	ended := func(because string) audit.Entry {
		e := audit.New(audit.SessionEnded, r.SourceOf(""), h.retention)
		e.Detail = map[string]string{"because": because}
		return e
	}
	ses, err := refresh.Rotate(ctx, h.store, id, session.Refresh{
		Generation: generation, Address: r.Address(), UserAgent: r.UserAgent(),
		Lifetime: h.issuer.Refresh, Family: h.issuer.Family, Now: r.Now,
	}, ended(audit.TokenUsedAgain))
	if err != nil || ses.Factor != "" || !h.rule.Asks(ses.Role) {
		return ses, err
	}
	if err := h.store.EndSessionLogged(ctx, ses, ended(audit.FactorRequired)); err != nil && !errors.Is(err, store.ErrNotFound) {
		return ses, err
	}
	return ses, session.ErrEnded
}

func fromCookie(r *gateway.Request) (string, error) {
	if err := cookie.Allowed(r); err != nil {
		return "", err
	}
	return cookie.Token(r)
}
