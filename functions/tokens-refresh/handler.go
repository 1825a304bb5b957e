package main

import (
	"context"
	"errors"
	"log/slog"

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
	ses, err := h.rotate(ctx, claims.SessionID, session.Refresh{
		Generation: claims.Generation, Address: r.Address(), UserAgent: r.UserAgent(),
		Lifetime: h.issuer.Refresh, Family: h.issuer.Family, Now: r.Now,
	})
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
func (h handler) rotate(ctx context.Context, id string, r session.Refresh) (session.Session, error) {
	ses, err := h.store.RotateSession(ctx, id, r)
	if !errors.Is(err, store.ErrConflict) {
		return ses, err
	}
	if ses.MayReplay(r) {
		return h.repeat(ctx, ses, r)
	}
	slog.WarnContext(ctx, "a refresh token was used again; its session is ended", "session", ses.ID, "user", ses.UserID)
	if err := h.store.EndSession(ctx, ses.ID, ses.UserID); err != nil && !errors.Is(err, store.ErrNotFound) {
		return session.Session{}, err
	}
	return session.Session{}, session.ErrEnded
}

// repeat returns the session once more. Its list shows the user if the request came from another
// address: a thief can copy a client's User-Agent.
func (h handler) repeat(ctx context.Context, ses session.Session, r session.Refresh) (session.Session, error) {
	places := ses.SecondPlace(r)
	if places == nil {
		return ses, nil
	}
	err := h.store.SetTwoPlaces(ctx, ses.ID, *places)
	if errors.Is(err, store.ErrNotFound) {
		err = session.ErrEnded
	}
	return ses, err
}
