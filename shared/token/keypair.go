package token

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/keypair"
	"github.com/latchkey/latchkey/shared/secret"
)

// A token that a key pair signs differs from one of HS256, because others verify it too, offline:
// an access token is one of RFC 9068 (header typ at+jwt, a client_id), and the tokens that are good
// for Latchkey alone, refresh tokens and tickets, have an audience of their own, so that no API
// takes one for an access token.
const (
	accessHeader = "at+jwt"
	otherHeader  = "JWT"
	// OwnAudience is the audience of refresh tokens and tickets that a key pair signs.
	OwnAudience = "urn:latchkey:own"
	// FirstParty is the client_id of a token that a person got by logging in: no OAuth client was involved.
	FirstParty = "latchkey"
)

// Keys are what the tokens of a deployment are signed and verified with. At least one of Secret
// and Public is there.
type Keys struct {
	Secret  *secret.Source // signs and verifies HS256; nil: no such token is accepted
	Public  *secret.Source // verify ES256 and RS256, see package keypair; nil: no such token is accepted
	Private *secret.Source // sign; nil: Secret signs
}

func isAccess(t Type) bool { return slices.Contains([]Type{Session, Access, Client}, t) }

// audienceOf returns the audience of tokens of a type, signed by a key pair or with HS256.
func (a *Authority) audienceOf(t Type, pair bool) string {
	if pair && !isAccess(t) {
		return OwnAudience
	}
	return a.audience
}

func headerOf(t Type, pair bool) string {
	if pair && isAccess(t) {
		return accessHeader
	}
	return otherHeader
}

// signWithPair signs with the current private key. The same claims give the same token, because
// ECDSA is used without random bits (RFC 6979) and RSASSA-PKCS1-v1_5 has none.
func (a *Authority) signWithPair(ctx context.Context, claims Claims) (string, error) {
	ring, err := a.keys.Private.Ring(ctx)
	if err != nil {
		return "", err
	}
	version, _ := ring.Current()
	by, err := secret.Parsed(ring, version, parsePrivate)
	if err != nil {
		return "", err
	}
	if isAccess(claims.Type) && claims.ClientID == "" {
		claims.ClientID = FirstParty
	}
	t := jwt.NewWithClaims(by.method, claims)
	t.Header["kid"], t.Header["typ"] = version, headerOf(claims.Type, true)
	signed, err := t.SigningString()
	if err != nil {
		return "", err
	}
	signature, err := sign(by.key, signed)
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return signed + "." + t.EncodeSegment(signature), nil
}

// A signingKey is a private key, and the one method that it signs with.
type signingKey struct {
	method jwt.SigningMethod
	key    crypto.Signer
}

func parsePrivate(text []byte) (signingKey, error) {
	key, algorithm, err := keypair.Private(text)
	return signingKey{jwt.GetSigningMethod(algorithm), key}, err
}

func parsePublic(text []byte) (verifyingKey, error) {
	key, algorithm, err := keypair.Public(text)
	return verifyingKey{jwt.GetSigningMethod(algorithm), key, true}, err
}

func sign(key crypto.Signer, text string) ([]byte, error) {
	digest := sha256.Sum256([]byte(text))
	signature, err := key.Sign(nil, digest[:], crypto.SHA256)
	if _, ec := key.(*ecdsa.PrivateKey); !ec || err != nil {
		return signature, err
	}
	var point struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(signature, &point); err != nil {
		return nil, err
	}
	fixed := make([]byte, 64) // two numbers of 32 bytes (RFC 7518 §3.4)
	point.R.FillBytes(fixed[:32])
	point.S.FillBytes(fixed[32:])
	return fixed, nil
}

// find returns the key that kid names. It returns ErrInvalid if there is none; any other error means
// that a ring cannot be read, which says nothing about the token.
func (k Keys) find(ctx context.Context, kid string) (verifyingKey, error) {
	pair := secret.KindOf(kid) != ""
	source := k.Secret
	if pair {
		source = k.Public
	}
	if source == nil {
		return verifyingKey{}, ErrInvalid
	}
	ring, err := source.RingWith(ctx, kid)
	if err != nil {
		return verifyingKey{}, err
	}
	text, ok := ring.Version(kid)
	if !ok {
		return verifyingKey{}, ErrInvalid
	}
	if !pair {
		return verifyingKey{jwt.SigningMethodHS256, text, false}, nil
	}
	return secret.Parsed(ring, kid, parsePublic)
}
