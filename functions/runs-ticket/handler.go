package main

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/token"
)

// lifetime is short, because addresses end up in logs, histories and referrers.
const lifetime = time.Minute

type handler struct {
	store  *store.Store
	tokens *token.Authority
}

type answer struct {
	Token     string `json:"token"`
	ExpiresIn int64  `json:"expires_in"` // seconds
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	found, err := owned.Run(ctx, h.store, p, r.Path("id"), r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	claims := claims(p, found.ID, r.Now)
	signed, err := h.tokens.Sign(ctx, claims)
	if err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(201, answer{signed, claims.ExpiresAt.Unix() - claims.IssuedAt.Unix()}), nil
}

// claims returns the claims of a ticket. It does not outlive the credential that asked for it,
// and is checked against the same item: the session, or the key in the generation that was
// presented.
func claims(p gateway.Principal, run string, now time.Time) token.Claims {
	issued := now.Truncate(time.Second)
	expires := issued.Add(lifetime)
	if end := p.ExpiresAt(); end != 0 && end < expires.Unix() {
		expires = time.Unix(end, 0)
	}
	return token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: p.ID(), ID: rand.Text(),
			IssuedAt: jwt.NewNumericDate(issued), ExpiresAt: jwt.NewNumericDate(expires),
		},
		Type: token.Ticket, ID: p.ID(), SessionID: p.SessionID(),
		ClientID: p.KeyID(), Generation: p.KeyGeneration(), Maker: p.TokenID(),
		Run: run, Scope: "read:events",
	}
}
