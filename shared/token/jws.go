package token

import (
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

// A verifyingKey verifies signatures of one method.
type verifyingKey struct {
	method jwt.SigningMethod
	key    any
	pair   bool // it is the public key of a key pair
}

// opened is what is known of a token whose signature is good.
type opened struct {
	pair bool   // a key pair signed it
	typ  string // of its header
}

// open checks the signature of a token in the compact form of a JWS (RFC 7515 §7.1), and returns
// its payload, of which nothing was read before. It returns ErrInvalid, or the error of keyOf, which
// gets the header's kid ("" if there is none). The key that it names decides which algorithm the
// token must have: its own header never does (RFC 8725 §3.1).
func open(raw string, keyOf func(kid string) (verifyingKey, error)) ([]byte, opened, error) {
	if strings.Trim(raw, alphabet) != "" || strings.Count(raw, ".") != 2 {
		return nil, opened{}, ErrInvalid
	}
	parts := strings.Split(raw, ".")
	header, errHeader := base64.RawURLEncoding.Strict().DecodeString(parts[0])
	payload, errPayload := base64.RawURLEncoding.Strict().DecodeString(parts[1])
	signature, errSignature := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if errors.Join(errHeader, errPayload, errSignature) != nil {
		return nil, opened{}, ErrInvalid
	}
	var h map[string]any // not a struct, whose names match in any case
	if !utf8.Valid(header) || json.Unmarshal(header, &h) != nil || h["crit"] != nil {
		return nil, opened{}, ErrInvalid
	}
	kid, _ := h["kid"].(string)
	key, err := keyOf(kid)
	if err != nil {
		return nil, opened{}, err
	}
	if h["alg"] != key.method.Alg() || key.method.Verify(parts[0]+"."+parts[1], signature, key.key) != nil {
		return nil, opened{}, ErrInvalid
	}
	typ, _ := h["typ"].(string)
	return payload, opened{key.pair, typ}, nil
}
