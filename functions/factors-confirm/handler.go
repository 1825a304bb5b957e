package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct {
	store *store.Store
	vault factor.Vault
	party passkey.Party

	retention time.Duration // of the account's log
}

type request struct {
	Code       string          `json:"code"`
	Credential json.RawMessage `json:"credential"`
}

type answer struct {
	factor.View
	Codes []string `json:"recovery_codes,omitempty"` // with the first factor, and never again
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if _, err := owned.Session(p); err != nil {
		return gateway.Response{}, err
	}
	var body request
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	pending, err := owned.FactorOf(ctx, h.store, p.UserID(), r.Path("id"), r.Now)
	if err == nil && !pending.Confirmable(p.SessionID(), r.Now) {
		err = problem.NotFound
	}
	if err != nil {
		return gateway.Response{}, err
	}
	u := pending.User
	if p.Type() == gateway.Setup && u.Factors != "" { // the password alone adds the first factor, and no other
		return gateway.Response{}, problem.TokenInvalid
	}
	f, err := h.check(ctx, r, u, pending.Factor, body)
	if err != nil {
		return gateway.Response{}, err
	}
	var codes, hashes []string
	if u.Factors == "" {
		codes = factor.NewCodes()
		if hashes, err = h.vault.Hashes(ctx, u.ID, codes); err != nil {
			return gateway.Response{}, err
		}
	}
	proof := store.Proof{Session: p.SessionID(), UserID: u.ID, Factors: u.Factors, Now: r.Now}
	if err := h.store.ConfirmFactor(ctx, u, pending.All, f, hashes, proof, audit.New(audit.FactorAdded, r.Source(p), h.retention)); err != nil {
		return gateway.Response{}, owned.FactorRefusal(err)
	}
	return gateway.JSON(200, confirmed(f, codes, r.Now)), nil
}

func confirmed(f factor.Factor, codes []string, now time.Time) answer {
	f.ConfirmedAt = &now
	return answer{f.View(), codes}
}

// check returns the factor with what its confirmation adds.
func (h handler) check(ctx context.Context, r *gateway.Request, u user.User, f factor.Factor, body request) (factor.Factor, error) {
	if f.Type == factor.Passkey {
		f, err := h.party.Register(r, u, f, body.Credential)
		if errors.Is(err, passkey.ErrInvalid) {
			return f, problem.Validation(problem.Field{Field: "credential", Message: "must be the new passkey's answer to these options, from a page of this deployment"})
		}
		return f, err
	}
	secret, err := h.vault.Open(ctx, f)
	if err != nil {
		return f, err
	}
	if f.LastStep = factor.Step(secret, body.Code, r.Now); f.LastStep == 0 {
		return f, problem.Validation(problem.Field{Field: "code", Message: "must be the code that the app shows now; is the clock of the device right?"})
	}
	return f, nil
}
