// Package token owns the JSON Web Tokens: their claims, signing and verifying.
package token

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/secret"
)

// Type is the claim typ: a token of one type is none of another.
type Type string

const (
	Session Type = "session" // POST /v1/auth/login
	Access  Type = "access"  // POST /api/auth/login and refresh
	Refresh Type = "refresh" // good for POST /api/auth/refresh only
	Client  Type = "client"  // POST /oauth/token, client credentials
	Ticket  Type = "ticket"  // POST /v1/runs/{id}/ticket: reads one run's events, from the query
)

// Claims are the claims of every token. A user's have SessionID and Email; a
// client-credentials token has neither, and its Subject and ID are the key's id. A ticket
// has those of whoever made it, less Email and Role, and a Run.
type Claims struct {
	jwt.RegisteredClaims
	Type       Type   `json:"typ"`
	ID         string `json:"id"`
	Email      string `json:"email,omitempty"`
	Role       string `json:"role,omitempty"`
	SessionID  string `json:"sid,omitempty"`
	ClientID   string `json:"client_id,omitempty"`
	Scope      string `json:"scope"`
	Generation int    `json:"gen,omitempty"`   // of the key or the refresh family it came from
	Run        string `json:"run,omitempty"`   // the one that a ticket opens
	Maker      string `json:"maker,omitempty"` // jti of the client-credentials token that made a ticket
}

// Why a token is refused.
var (
	ErrExpired = errors.New("token has expired")
	ErrInvalid = errors.New("token is not valid")
)

// An Authority signs and verifies the tokens of one deployment.
type Authority struct {
	issuers   []string // it signs as the first, and takes tokens of each
	audience  string
	source    *secret.Source
	validator *jwt.Validator
}

// NewAuthority is an authority that signs as issuer, and takes tokens that it signed under
// former names too. It refuses an empty setting: with one, golang-jwt would not check at all.
func NewAuthority(issuer, audience string, source *secret.Source, now func() time.Time, former ...string) (*Authority, error) {
	issuers := append([]string{issuer}, former...)
	if slices.Contains(issuers, "") || audience == "" || source == nil || now == nil {
		return nil, errors.New("token: issuer, audience, secret and clock are all required")
	}
	return &Authority{issuers, audience, source, jwt.NewValidator(
		jwt.WithAudience(audience), jwt.WithExpirationRequired(), jwt.WithTimeFunc(now),
	)}, nil
}

// FromEnv reads ISSUER, ISSUER_URN (the stack's own name, by which it signs while its
// parameter Issuer is empty: setting that logs nobody out), AUDIENCE and SIGNING_SECRET_ARN.
func FromEnv(e *env.Reader) *Authority {
	a, err := NewAuthority(e.Required("ISSUER"), e.Required("AUDIENCE"), secret.Signing(e), time.Now, e.Required("ISSUER_URN"))
	e.Fail(err)
	return a
}

// Sign signs claims, which must have their subject, id (jti), issue time and expiry;
// issuer and audience are filled in. The same claims give the same token.
func (a *Authority) Sign(ctx context.Context, claims Claims) (string, error) {
	ring, err := a.source.Ring(ctx)
	if err != nil {
		return "", err
	}
	if claims.Subject == "" || claims.RegisteredClaims.ID == "" || claims.Type == "" || claims.IssuedAt == nil || claims.ExpiresAt == nil {
		return "", errors.New("token: sub, jti, typ, iat and exp are all required")
	}
	claims.Issuer, claims.Audience = a.issuers[0], jwt.ClaimStrings{a.audience}
	version, key := ring.Current()
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	t.Header["kid"] = version
	return t.SignedString(key)
}

// Verify checks signature, algorithm, issuer, audience, expiry and type. It returns ErrExpired or
// ErrInvalid; any other error is the secret's.
func (a *Authority) Verify(ctx context.Context, raw string, types ...Type) (Claims, error) {
	payload, err := open(raw, func(kid string) ([]byte, error) { return a.keyOf(ctx, kid) })
	if err != nil {
		return Claims{}, err
	}
	var claims Claims
	if !utf8.Valid(payload) || json.Unmarshal(payload, &claims) != nil {
		return Claims{}, ErrInvalid
	}
	err = a.validator.Validate(claims)
	switch {
	case errors.Is(err, jwt.ErrTokenExpired):
		return Claims{}, ErrExpired
	case err != nil, !slices.Contains(a.issuers, claims.Issuer), !slices.Contains(types, claims.Type),
		claims.IssuedAt == nil, claims.Subject == "", claims.RegisteredClaims.ID == "",
		(claims.Type == Ticket) != (claims.Run != ""):
		return Claims{}, ErrInvalid
	}
	return claims, nil
}
