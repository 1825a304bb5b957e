package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/mfa"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/passkey"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

type handler struct {
	store  *store.Store
	tokens *token.Authority
	party  passkey.Party
}

type answer struct {
	Factors []factor.View `json:"factors"`
	Codes   int           `json:"recovery_codes_left"`
	Proof   proof         `json:"proof"`
}

// proof is what POST /v1/auth/factors/proof takes, and until when the session has one.
type proof struct {
	Until     *time.Time `json:"until"`
	Methods   []string   `json:"methods"`
	Token     string     `json:"token,omitempty"`      // with a passkey's credential
	PublicKey any        `json:"public_key,omitempty"` // PublicKeyCredentialRequestOptionsJSON of WebAuthn
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	if _, err := owned.Session(p); err != nil {
		return gateway.Response{}, err
	}
	ses, _, err := h.store.CheckSession(ctx, p.SessionID(), nil, r.Now)
	if err != nil {
		return gateway.Response{}, authn.RefusalOfToken(err)
	}
	set, err := h.store.Factors(ctx, p.UserID(), r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	a := answer{Factors: []factor.View{}, Codes: len(set.Codes)}
	for _, f := range set.Factors {
		a.Factors = append(a.Factors, f.View())
	}
	if a.Proof, err = h.proof(ctx, r, p.SessionID(), set); err != nil {
		return gateway.Response{}, err
	}
	u, err := h.store.User(ctx, p.UserID())
	if err != nil {
		return gateway.Response{}, owned.Refusal(err)
	}
	if until := time.Unix(ses.ProvenAt, 0).Add(factor.ProvenFor).UTC(); until.After(r.Now) && ses.ProvenWith == u.Factors {
		a.Proof.Until = &until
	}
	return gateway.JSON(200, a), nil
}

func (h handler) proof(ctx context.Context, r *gateway.Request, session string, set factor.Set) (p proof, err error) {
	types := set.Types()
	if len(types) == 0 {
		return proof{Methods: []string{"password"}}, nil
	}
	p.Methods = append(types, factor.Recovery)
	if len(set.Confirmed(factor.Passkey)) == 0 {
		return p, nil
	}
	raw, challenge, err := mfa.NewChallenge(ctx, h.tokens, session, r.Now)
	if err != nil {
		return p, err
	}
	p.Token = raw
	p.PublicKey, err = h.party.Request(r, challenge, set)
	return p, err
}
