package session

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/token"
)

// A Pair is the answer of POST /api/auth/login and POST /api/auth/refresh.
type Pair struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token,omitempty"` // absent if it is in a cookie
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"` // of the access token, seconds
}

// An Issuer makes the pairs of sessions.
type Issuer struct {
	Tokens  *token.Authority
	Access  time.Duration // lifetime of an access token
	Refresh time.Duration // lifetime of a refresh token, and of a session that is not refreshed
	Family  time.Duration // lifetime of a session, however often it is refreshed
}

// IssuerFromEnv reads ACCESS_TOKEN_LIFETIME, REFRESH_TOKEN_LIFETIME and REFRESH_FAMILY_LIFETIME,
// and what token.FromEnv reads.
func IssuerFromEnv(e *env.Reader) Issuer {
	access, refresh, family := e.Seconds("ACCESS_TOKEN_LIFETIME"), e.Seconds("REFRESH_TOKEN_LIFETIME"), e.Seconds("REFRESH_FAMILY_LIFETIME")
	return Issuer{token.FromEnv(e), access, min(refresh, family), family}
}

// Pair signs the pair of the session's current generation. Every call returns the same pair.
func (i Issuer) Pair(ctx context.Context, s Session) (Pair, error) {
	claims := s.Claims(token.Access, i.Access)
	access, err := i.Tokens.Sign(ctx, claims)
	if err != nil {
		return Pair{}, err
	}
	refresh, err := i.Tokens.Sign(ctx, s.Claims(token.Refresh, i.Refresh))
	return Pair{access, refresh, "bearer", int(claims.ExpiresAt.Sub(claims.IssuedAt.Time).Seconds())}, err
}
