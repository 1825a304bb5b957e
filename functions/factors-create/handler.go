package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
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
	store  *store.Store
	vault  factor.Vault
	party  passkey.Party
	issuer string // what an authenticator app calls the deployment

	retention time.Duration // of the account's log
}

// codes is the type that asks for new recovery codes.
const codes = "recovery_codes"

var names = map[string]string{factor.TOTP: "Authenticator app", factor.Passkey: "Passkey", codes: codes}

type request struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// check fills in a name.
func (b *request) check() error {
	if names[b.Type] == "" {
		return problem.Validation(problem.Field{Field: "type", Message: "must be totp, passkey or recovery_codes"})
	}
	if b.Name == "" {
		b.Name = names[b.Type]
	}
	if wrong := apikey.LabelProblem(b.Name); wrong != "" {
		return problem.Validation(problem.Field{Field: "name", Message: wrong})
	}
	return nil
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if _, err := owned.Session(p); err != nil {
		return gateway.Response{}, err
	}
	var body request
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	if err := body.check(); err != nil {
		return gateway.Response{}, err
	}
	u, err := h.store.User(ctx, p.UserID())
	if err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	proof := store.Proof{Session: p.SessionID(), UserID: u.ID, Factors: u.Factors, Now: r.Now}
	switch {
	case p.Type() == gateway.Setup && u.Factors != "": // added in another session, whose codes these would replace
		return gateway.Response{}, problem.TokenInvalid
	case body.Type == codes:
		return h.codes(ctx, r, u, proof)
	}
	set, err := h.store.Factors(ctx, u.ID, r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	if len(set.Factors) >= factor.Most {
		return gateway.Response{}, problem.Full("an account has 10 factors at most, those included that wait for their confirmation")
	}
	f, answer, err := h.begin(ctx, r, u, set, factor.Begin(u.ID, body.Type, body.Name, p.SessionID(), r.Now))
	if err != nil {
		return gateway.Response{}, err
	}
	r.Concerns(f.ID)
	return gateway.JSON(201, answer), owned.FactorRefusal(h.store.BeginFactor(ctx, f, proof))
}

// An answer has what the first step of either type needs.
type answer struct {
	factor.View
	*app
	PublicKey any `json:"public_key,omitempty"` // PublicKeyCredentialCreationOptionsJSON of WebAuthn
}

// app is for an authenticator app: to be scanned, or typed.
type app struct {
	Secret string `json:"secret"` // base32
	URI    string `json:"uri"`
	QR     string `json:"qr"` // an SVG image of the URI
}

func (h handler) begin(ctx context.Context, r *gateway.Request, u user.User, set factor.Set, f factor.Factor) (factor.Factor, answer, error) {
	if f.Type == factor.Passkey {
		options, challenge, err := h.party.Creation(r, u, set)
		f.Challenge = challenge
		return f, answer{View: f.View(), PublicKey: options}, err
	}
	secret := factor.NewSecret()
	uri := factor.URI(secret, h.issuer, u.Email)
	image, err := svg(uri)
	if err != nil {
		return f, answer{}, err
	}
	f.Secret, err = h.vault.Seal(ctx, f, secret)
	return f, answer{View: f.View(), app: &app{factor.Base32(secret), uri, image}}, err
}

func (h handler) codes(ctx context.Context, r *gateway.Request, u user.User, proof store.Proof) (gateway.Response, error) {
	if u.Factors == "" {
		return gateway.Response{}, problem.Validation(problem.Field{Field: "type", Message: "recovery codes are for an account that has a second factor"})
	}
	fresh := factor.NewCodes()
	hashes, err := h.vault.Hashes(ctx, u.ID, fresh)
	if err == nil {
		err = h.store.ReplaceCodes(ctx, u, hashes, proof, audit.New(audit.CodesMade, r.SourceOf(u.ID), h.retention))
	}
	return gateway.JSON(201, map[string][]string{codes: fresh}), owned.FactorRefusal(err)
}
