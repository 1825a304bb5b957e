package main

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/newkey"
	"github.com/latchkey/latchkey/shared/problem"
)

// A line describes a key as POST /v1/api-keys does, with what the other product has of it.
type line struct {
	newkey.Request
	Hash       string  `json:"hash"`        // SHA-256 of the whole key, and of the salt: hex or base64
	Identifier string  `json:"identifier"`  // what stands before the dot of a key with a dot
	Salt       *string `json:"salt"`        // text
	SaltBase64 *string `json:"salt_base64"` // bytes
	SaltAfter  bool    `json:"salt_after"`  // the key was hashed before the salt, not after it
	Prefix     string  `json:"prefix"`      // how the key begins: lists show 8 characters of it
}

// Bounds of a line.
const (
	maxSalt   = 256 // bytes
	maxPrefix = 32
)

// read checks every field, and returns the key without owner, project and scopes.
func (l line) read(now time.Time) (apikey.Key, newkey.Wanted, error) {
	var wrong []problem.Field
	check := func(field, message string) {
		if message != "" {
			wrong = append(wrong, problem.Field{Field: field, Message: message})
		}
	}
	sum, ok := digest(l.Hash)
	if !ok {
		check("hash", "must be the SHA-256 of the key: 64 hexadecimal digits, or base64 of 32 bytes")
	}
	check("identifier", l.identifierProblem())
	check("prefix", l.prefixProblem())
	salt, message := l.salt()
	check("salt", message)
	if l.Scopes == nil && l.Permissions == nil {
		check("scopes", "must be given: an import grants nothing by itself")
	}
	w, err := l.Read(now, wrong...)
	if err != nil {
		return apikey.Key{}, w, err
	}
	k := w.Key
	k.Generation, k.Salt = 1, salt
	k.ID, k.Hash = l.id(sum), apikey.Unpeppered(sum, len(salt.Salt) > 0)
	k.Masked = masked(l.Prefix, l.Identifier)
	return k, w, nil
}

func (l line) id(sum []byte) string {
	if l.Identifier != "" {
		return apikey.IDOfIdentifier(l.Identifier)
	}
	return apikey.IDOfHash(sum)
}

// digest reads a SHA-256 in any usual spelling.
func digest(text string) ([]byte, bool) {
	if sum, err := hex.DecodeString(text); err == nil {
		return sum, len(sum) == 32
	}
	text = strings.NewReplacer("+", "-", "/", "_").Replace(strings.TrimRight(text, "="))
	sum, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return sum, err == nil && len(sum) == 32
}

func (l line) identifierProblem() string {
	if l.Identifier != "" && !apikey.ValidIdentifier(l.Identifier) {
		return "must have 1 to 64 characters of a token (letters, digits, - _ ~ + / =), and no dot"
	}
	return ""
}

func (l line) prefixProblem() string {
	before, _, dotted := strings.Cut(l.Prefix, ".")
	switch {
	case len(l.Prefix) > maxPrefix || strings.ContainsFunc(l.Prefix, func(r rune) bool { return r <= ' ' || r > '~' }):
		return "must have at most 32 printable ASCII characters"
	case dotted && l.Identifier == "":
		return "the key has a dot: give what stands before the dot as the identifier"
	case dotted && before != l.Identifier, !dotted && !strings.HasPrefix(l.Identifier, l.Prefix) && l.Identifier != "":
		return "a key with an identifier begins with the identifier"
	}
	return ""
}

// salt reads the salt. A check finds a key before it knows the salt, so only a key that names
// itself can have one.
func (l line) salt() (s apikey.Salt, message string) {
	switch {
	case l.Salt == nil && l.SaltBase64 == nil:
		if l.SaltAfter {
			return s, "must be given with salt_after"
		}
		return s, ""
	case l.Salt != nil && l.SaltBase64 != nil:
		return s, "salt and salt_base64 are the same thing; send one"
	case l.Identifier == "":
		return s, "only a key with an identifier can have a salt: without one, no check could find the key by its text"
	case l.Salt != nil:
		s.Salt = []byte(*l.Salt)
	default:
		var err error
		if s.Salt, err = base64.StdEncoding.DecodeString(*l.SaltBase64); err != nil {
			return s, "salt_base64 must be base64"
		}
	}
	if len(s.Salt) < 1 || len(s.Salt) > maxSalt || l.Salt != nil && !utf8.ValidString(*l.Salt) {
		return s, "must have 1 to 256 bytes"
	}
	s.SaltAfter = l.SaltAfter
	return s, ""
}

// masked shows a key as lists do: how it begins, and dots.
func masked(prefix, identifier string) string {
	if prefix == "" {
		prefix = identifier
	}
	return prefix[:min(len(prefix), 8)] + "••••••••"
}
