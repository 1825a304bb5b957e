package token

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/latchkey/latchkey/shared/secret"

	"github.com/golang-jwt/jwt/v5"
)

// A vector is one of Wycheproof's (testdata/wycheproof): a JWS, the key for it, and whether it is
// valid.
type vector struct {
	ID      int             `json:"tcId"`
	Comment string          `json:"comment"`
	Result  string          `json:"result"`
	JWS     json.RawMessage `json:"jws"`

	key    []byte // of an oct key its bytes, of any other its text
	secret bool   // it is a key for HS256
	kid    string
}

type jwk struct{ Kty, Alg, Kid, K string }

func vectors(t *testing.T, name string) (all []vector) {
	t.Helper()
	text, err := os.ReadFile("testdata/wycheproof/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		TestGroups []struct {
			Private, Public json.RawMessage
			Tests           []vector
		}
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for _, g := range doc.TestGroups {
		for _, v := range g.Tests {
			v.key = g.Public
			if v.key == nil {
				v.key = g.Private
			}
			var one jwk
			var set struct{ Keys []jwk }
			if err := errors.Join(json.Unmarshal(v.key, &one), json.Unmarshal(v.key, &set)); err != nil {
				t.Fatal(err)
			}
			if len(set.Keys) > 0 {
				one = set.Keys[0]
			}
			v.kid, v.secret = one.Kid, one.Kty == "oct" && one.Alg == "HS256"
			if one.Kty == "oct" {
				if v.key, err = base64.RawURLEncoding.DecodeString(one.K); err != nil {
					t.Fatal(err)
				}
			}
			all = append(all, v)
		}
	}
	return all
}

// opened is what Verify does first, with the vector's key under its name.
func (v vector) opened() ([]byte, error) {
	var raw string
	if json.Unmarshal(v.JWS, &raw) != nil {
		raw = string(v.JWS) // a JWS in JSON, as it is
	}
	payload, _, err := open(raw, func(kid string) (verifyingKey, error) {
		if kid != v.kid {
			return verifyingKey{}, ErrInvalid
		}
		return verifyingKey{jwt.SigningMethodHS256, v.key, false}, nil
	})
	return payload, err
}

// oddVectors are not judged as they say, each for its reason.
var oddVectors = map[int]string{
	367: "to the letter the valid 357", 370: "to the letter the valid 357",
	372: "called valid, and has a character outside base64url", 373: "called valid, and has a character outside base64url",
}

// For a key of another algorithm nothing is valid, not even with the key's text as the secret,
// which is what a verifier would use that lets a token choose its algorithm.
func TestEverySignatureThatWycheproofCallsInvalidIsRefusedAndEveryValidHS256IsNot(t *testing.T) {
	valid, invalid := 0, 0
	for _, v := range vectors(t, "json_web_signature_test.json") {
		_, err := v.opened()
		switch good := err == nil; {
		case err != nil && !errors.Is(err, ErrInvalid):
			t.Errorf("%d %s: %v, want ErrInvalid", v.ID, v.Comment, err)
		case oddVectors[v.ID] != "":
		case good && (v.Result != "valid" || !v.secret):
			t.Errorf("%d %s: is taken", v.ID, v.Comment)
		case !good && v.Result == "valid" && v.secret:
			t.Errorf("%d %s: is refused", v.ID, v.Comment)
		case good:
			valid++
		default:
			invalid++
		}
	}
	if valid < 7 || invalid < 250 {
		t.Errorf("only %d valid and %d invalid signatures were tried", valid, invalid)
	}
}

// A ring is our only set of keys, and no JWK: of Wycheproof's vectors about keys, those count that
// are about the size of a secret, and those with keys of other algorithms.
func TestEveryKeyThatWycheproofCallsInvalidIsRefused(t *testing.T) {
	short, others := 0, 0
	for _, v := range vectors(t, "json_web_key_test.json") {
		if v.secret && len(v.key) < 32 {
			short++
			ring, err := json.Marshal(map[string]string{"current": "1", "1": string(v.key)})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := secret.ParseRing(string(ring)); err == nil {
				t.Errorf("%d %s: a secret of %d bytes is taken", v.ID, v.Comment, len(v.key))
			}
			continue
		}
		if !v.secret && len(v.key) > 0 && v.kid != "kid-aes-sign" { // this one is a key for HS256 by another name
			others++
			if _, err := v.opened(); !errors.Is(err, ErrInvalid) {
				t.Errorf("%d %s: %v, want ErrInvalid", v.ID, v.Comment, err)
			}
		}
	}
	if short != 2 || others < 12 {
		t.Errorf("only %d short secrets and %d other keys were tried", short, others)
	}
}
