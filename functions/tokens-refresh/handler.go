package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/cookie"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

type handler struct {
	store  *store.Store
	issuer session.Issuer
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
	ses, err := h.rotate(ctx, claims, r.Now)
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

// rotate returns the session in the generation after the token's. A replay ends the session,
// unless the caller may have lost the first answer.
func (h handler) rotate(ctx context.Context, claims token.Claims, now time.Time) (session.Session, error) {
	ses, err := h.store.RotateSession(ctx, claims.SessionID, claims.Generation, h.issuer.Refresh, now)
	if !errors.Is(err, store.ErrConflict) {
		return ses, err
	}
	if ses.MayReplay(claims.Generation, now) {
		return ses, nil
	}
	slog.WarnContext(ctx, "a refresh token was used again; its session is ended", "session", ses.ID, "user", ses.UserID)
	if err := h.store.EndSession(ctx, ses.ID, ses.UserID); err != nil && !errors.Is(err, store.ErrNotFound) {
		return session.Session{}, err
	}
	return session.Session{}, session.ErrEnded
}
