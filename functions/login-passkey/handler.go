package main

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/problem"
)

type handler struct {
	login   *mfa.Login
	answers mfa.Answers
}

func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	var body struct {
		Token      string          `json:"token"`
		Credential json.RawMessage `json:"credential"`
		Cookie     bool            `json:"cookie"` // keep the refresh token in a cookie, for a browser
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	if len(body.Credential) == 0 {
		return gateway.Response{}, problem.Validation(problem.Field{Field: "credential", Message: "must be given"})
	}
	dialect := login.OneToken
	if strings.HasPrefix(r.Resource(), "/api/auth/") {
		dialect = login.Pair
	}
	if err := mfa.CookieAllowed(r, dialect, body.Cookie); err != nil {
		return gateway.Response{}, err
	}
	u, ses, err := h.login.Alone(ctx, r, body.Token, body.Credential, h.answers.Lifetime(dialect))
	if err != nil {
		return gateway.Response{}, err
	}
	return h.answers.Answer(ctx, dialect, u, ses, body.Cookie)
}
