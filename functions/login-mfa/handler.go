package main

import (
	"context"
	"encoding/json"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa"
)

type handler struct {
	login   *mfa.Login
	answers mfa.Answers
}

func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	var body struct {
		Token        string          `json:"mfa_token"`
		Code         string          `json:"code"`
		RecoveryCode string          `json:"recovery_code"`
		Credential   json.RawMessage `json:"credential"`
		Cookie       bool            `json:"cookie"` // keep the refresh token in a cookie, for a browser
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	given := mfa.Given{Code: body.Code, RecoveryCode: body.RecoveryCode, Credential: body.Credential}
	if err := given.Check(); err != nil {
		return gateway.Response{}, err
	}
	begun, err := h.login.Begun(ctx, r, body.Token)
	if err != nil {
		return gateway.Response{}, err
	}
	dialect := begun.Dialect()
	if err := mfa.CookieAllowed(r, dialect, body.Cookie); err != nil {
		return gateway.Response{}, err
	}
	ses, err := h.login.Complete(ctx, r, begun, given, h.answers.Lifetime(dialect))
	if err != nil {
		return gateway.Response{}, err
	}
	return h.answers.Answer(ctx, dialect, begun.User, ses, body.Cookie)
}
