package token

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
)

// alphabet is all that stands in a token: three parts of base64url (RFC 7515 §2), and two dots.
// Go's decoder passes over line breaks, so with them a token would have many spellings.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."

// open checks the signature of a token in the compact form of a JWS (RFC 7515 §7.1), and returns
// its payload, of which nothing was read before. It returns ErrInvalid, or the error of keyOf, which
// gets the header's kid ("" if there is none).
func open(raw string, keyOf func(kid string) ([]byte, error)) ([]byte, error) {
	if strings.Trim(raw, alphabet) != "" || strings.Count(raw, ".") != 2 {
		return nil, ErrInvalid
	}
	parts := strings.Split(raw, ".")
	header, errHeader := base64.RawURLEncoding.Strict().DecodeString(parts[0])
	payload, errPayload := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	signature, errSignature := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if errors.Join(errHeader, errPayload, errSignature) != nil {
		return nil, ErrInvalid
	}
	var h map[string]any // not a struct, whose names match in any case
	if !utf8.Valid(header) || json.Unmarshal(header, &h) != nil || h["alg"] != jwt.SigningMethodHS256.Alg() || h["crit"] != nil {
		return nil, ErrInvalid
	}
	kid, _ := h["kid"].(string)
	key, err := keyOf(kid)
	if err != nil {
		return nil, err
	}
	if jwt.SigningMethodHS256.Verify(parts[0]+"."+parts[1], signature, key) != nil {
		return nil, ErrInvalid
	}
	return payload, nil
}

// keyOf returns the version of the secret that a token names. It returns ErrInvalid if there is
// no such version.
func (a *Authority) keyOf(ctx context.Context, kid string) ([]byte, error) {
	ring, err := a.source.RingWith(ctx, kid)
	if err != nil {
		return nil, err
	}
	key, ok := ring.Version(kid)
	if !ok {
		return nil, ErrInvalid
	}
	return key, nil
}
