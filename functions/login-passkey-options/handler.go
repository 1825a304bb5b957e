package main

import (
	"context"

	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

type handler struct {
	store  *store.Store
	login  *mfa.Login
	tokens *token.Authority
	party  passkey.Party
}

type answer struct {
	OK        bool   `json:"ok"`
	Token     string `json:"token,omitempty"` // absent for the second step of a login, whose mfa_token it is
	PublicKey any    `json:"public_key"`      // PublicKeyCredentialRequestOptionsJSON of WebAuthn
}

func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	var body struct {
		Token string `json:"mfa_token"`
	}
	if err := r.OptionalJSON(&body); err != nil {
		return gateway.Response{}, err
	}
	if body.Token != "" {
		return h.second(ctx, r, body.Token)
	}
	raw, challenge, err := mfa.NewChallenge(ctx, h.tokens, mfa.SignIn, r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	options, err := h.party.Request(r, challenge, factor.Set{})
	return gateway.JSON(200, answer{true, raw, options}), err
}

// second has the options of the second step of a login that has begun.
func (h handler) second(ctx context.Context, r *gateway.Request, raw string) (gateway.Response, error) {
	begun, err := h.login.Begun(ctx, r, raw)
	if err != nil {
		return gateway.Response{}, err
	}
	set, err := h.store.Factors(ctx, begun.User.ID, r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	if len(set.Confirmed(factor.Passkey)) == 0 {
		return gateway.Response{}, problem.NotFound.WithDetail("The account has no passkey")
	}
	options, err := h.party.Request(r, begun.Challenge(), set)
	return gateway.JSON(200, answer{true, "", options}), err
}
