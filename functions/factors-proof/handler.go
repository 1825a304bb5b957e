package main

import (
	"context"
	"encoding/json"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/passkey"
)

type handler struct{ prover mfa.Prover }

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if _, err := owned.Session(p); err != nil {
		return gateway.Response{}, err
	}
	var body struct {
		Password     string         `json:"password"`
		Code         string         `json:"code"`
		RecoveryCode string         `json:"recovery_code"`
		Token        string         `json:"token"` // with the credential: that of GET /v1/auth/factors
		Credential   passkey.Answer `json:"credential"`
	}
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	given := mfa.Given{Code: body.Code, RecoveryCode: body.RecoveryCode, Credential: json.RawMessage(body.Credential)}
	return gateway.NoContent(), h.prover.Prove(ctx, r, p, body.Password, body.Token, given)
}
