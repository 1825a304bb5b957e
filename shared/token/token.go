// Package token owns the JSON Web Tokens: their claims, signing and verifying.
package token

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
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

	// These two complete a login, and open nothing.
	MFA       Type = "mfa"       // a login whose password was right and that needs a second factor
	Challenge Type = "challenge" // the challenge that a passkey signs

	Setup Type = "setup" // a login of somebody who must add a second factor first: it opens what that takes
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
	Login      *Login `json:"login,omitempty"` // of a token of type MFA
}

// A Login is what a token of type MFA says of the login that it completes.
type Login struct {
	Dialect  string `json:"dialect"`            // how the login that began is answered
	Factors  string `json:"factors"`            // the mark of the user's factors at that time
	Password string `json:"password,omitempty"` // the mark of the user's password
	Known    bool   `json:"known,omitempty"`    // the account knows the address
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
	keys      Keys
	validator *jwt.Validator
}

// NewAuthority is an authority that signs with HS256 as issuer, and takes tokens that it signed
// under former names too.
func NewAuthority(issuer, audience string, source *secret.Source, now func() time.Time, former ...string) (*Authority, error) {
	return NewAuthorityWith(Keys{Secret: source}, issuer, audience, now, former...)
}

// NewAuthorityWith is NewAuthority with other keys. It refuses an empty setting: with one,
// golang-jwt would not check at all.
func NewAuthorityWith(keys Keys, issuer, audience string, now func() time.Time, former ...string) (*Authority, error) {
	issuers := append([]string{issuer}, former...)
	if slices.Contains(issuers, "") || audience == "" || audience == OwnAudience || keys.Secret == nil && keys.Public == nil || now == nil {
		return nil, errors.New("token: issuer, audience, keys and clock are all required")
	}
	return &Authority{issuers, audience, keys, jwt.NewValidator(
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(now),
	)}, nil
}

// FromEnv reads ISSUER, ISSUER_URN (the stack's own name, by which it signs while its
// parameter Issuer is empty: setting that logs nobody out), AUDIENCE, SIGNING_ALGORITHM (HS256 if
// empty), ACCEPTED_ALGORITHM (whose tokens are accepted too), and what secret.Signing and
// secret.KeyPair read.
func FromEnv(e *env.Reader) *Authority {
	a, err := NewAuthorityWith(keysFromEnv(e), e.Required("ISSUER"), e.Required("AUDIENCE"), time.Now, e.Required("ISSUER_URN"))
	e.Fail(err)
	return a
}

func keysFromEnv(e *env.Reader) (keys Keys) {
	signs := cmp.Or(os.Getenv("SIGNING_ALGORITHM"), jwt.SigningMethodHS256.Alg())
	hs256 := signs == jwt.SigningMethodHS256.Alg()
	if hs256 || os.Getenv("ACCEPTED_ALGORITHM") == jwt.SigningMethodHS256.Alg() {
		keys.Secret = secret.Signing(e)
	}
	keys.Public, keys.Private = secret.KeyPair()
	if hs256 {
		keys.Private = nil
	} else if keys.Private == nil {
		e.Fail(fmt.Errorf("environment variable PRIVATE_KEYS_ARN is not set, and tokens are signed with %s", signs))
	}
	return keys
}

// Sign signs claims, which must have their subject, id (jti), issue time and expiry. Issuer and
// audience are filled in; only a client's token may have another audience, the resources that it is
// for. The same claims give the same token.
func (a *Authority) Sign(ctx context.Context, claims Claims) (string, error) {
	if claims.Subject == "" || claims.RegisteredClaims.ID == "" || claims.Type == "" || claims.IssuedAt == nil || claims.ExpiresAt == nil {
		return "", errors.New("token: sub, jti, typ, iat and exp are all required")
	}
	if len(claims.Audience) > 0 && claims.Type != Client {
		return "", fmt.Errorf("token: one of type %s has the audience of its type", claims.Type)
	}
	claims.Issuer = a.issuers[0]
	if len(claims.Audience) == 0 {
		claims.Audience = jwt.ClaimStrings{a.audienceOf(claims.Type, a.keys.Private != nil)}
	}
	if a.keys.Private != nil {
		return a.signWithPair(ctx, claims)
	}
	ring, err := a.keys.Secret.Ring(ctx)
	if err != nil {
		return "", err
	}
	version, key := ring.Current()
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	t.Header["kid"] = version
	return t.SignedString(key)
}

// Audience returns the audience of the tokens that Latchkey's own API takes.
func (a *Authority) Audience() string { return a.audience }

// Verify checks signature, algorithm, issuer, audience, expiry and type. It returns ErrExpired or
// ErrInvalid; any other error is the secret's.
func (a *Authority) Verify(ctx context.Context, raw string, types ...Type) (Claims, error) {
	return a.VerifyFor(ctx, nil, raw, types...)
}

// VerifyFor is Verify for an API that is one of resources, or more: a client's token may be for one
// of them instead.
func (a *Authority) VerifyFor(ctx context.Context, resources []string, raw string, types ...Type) (Claims, error) {
	payload, was, err := open(raw, func(kid string) (verifyingKey, error) { return a.keys.find(ctx, kid) })
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
		!a.accepts(claims, was.pair, resources),
		was.pair && was.typ != headerOf(claims.Type, true),
		(claims.Type == Ticket) != (claims.Run != ""), (claims.Type == MFA) != (claims.Login != nil):
		return Claims{}, ErrInvalid
	}
	return claims, nil
}

// accepts reports whether a token is for the deployment or, if it is a client's, for one of resources.
func (a *Authority) accepts(claims Claims, pair bool, resources []string) bool {
	if claims.Type != Client {
		return slices.Equal(claims.Audience, jwt.ClaimStrings{a.audienceOf(claims.Type, pair)})
	}
	return slices.ContainsFunc(claims.Audience, func(one string) bool { return one == a.audience || slices.Contains(resources, one) })
}
