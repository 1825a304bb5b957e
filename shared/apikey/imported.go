package apikey

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// An imported key was given out by another product, and goes on working as it is. There is no id in
// it, so its id is made from the text. Its owner imported what that product has of it: a SHA-256.
//
//	shop_live_8f3kQ0…   no dot: the id is made from the SHA-256 of the whole
//	9d2mXc04.8f3kQ0…    a dot: the id is made from the identifier before it, so the hash may be salted
//
// Until the key is used, its hash is under no pepper: ":" and base64url. Version "" is none of a
// secret.Ring, so nothing takes that hash for another. See package rehash for what replaces it.

// Bounds of an imported key's text. What is secret in it must not be easy to guess.
const (
	MaxImported   = 256
	MinSecret     = 20 // characters: all, or those after the dot
	MaxIdentifier = 64
)

// token68 has the characters of a credential in an Authorization header (RFC 7235 §2.1) but the dot.
const token68 = base62 + "-_~+/="

// Locate returns the id of a presented key, and whether it can only be an imported one. What has the
// form of our keys with a wrong checksum is neither: ErrMalformed.
func Locate(key string) (id string, imported bool, err error) {
	if id, err = ID(key); err == nil {
		return id, false, nil
	}
	if id, err = importedID(key); err != nil {
		return "", false, err
	}
	return id, true, nil
}

func importedID(key string) (string, error) {
	identifier, secret, dotted := strings.Cut(key, ".")
	if !dotted {
		identifier, secret = "", key
	}
	switch {
	case len(key) > MaxImported || len(secret) < MinSecret || strings.Trim(secret, token68) != "":
		return "", ErrMalformed
	case dotted && !ValidIdentifier(identifier):
		return "", ErrMalformed
	case formPrefix(key) != "":
		return "", ErrMalformed
	case dotted:
		return IDOfIdentifier(identifier), nil
	}
	sum := sha256.Sum256([]byte(key))
	return IDOfHash(sum[:]), nil
}

// ValidIdentifier reports whether text can stand before the dot of an imported key.
func ValidIdentifier(text string) bool {
	return text != "" && len(text) <= MaxIdentifier && strings.Trim(text, token68) == ""
}

// IDOfHash returns the id of an imported key without a dot, from its SHA-256.
func IDOfHash(sum []byte) string { return idOf("hash", string(sum)) }

// IDOfIdentifier returns the id of an imported key with a dot.
func IDOfIdentifier(identifier string) string { return idOf("identifier", identifier) }

func idOf(kind, text string) string {
	sum := sha256.Sum256([]byte("latchkey id by " + kind + "\n" + text))
	var id [idLen]byte
	for i := range id {
		id[i] = base62[sum[i]%62]
	}
	return string(id[:])
}

// A Salt is what another product hashed together with a key.
type Salt struct {
	Salt      []byte `dynamodbav:"salt,omitempty"`
	SaltAfter bool   `dynamodbav:"salt_after,omitempty"` // the key stands before it
}

// Unpeppered returns the hash of an imported key that was not used yet, from the SHA-256 that the
// other product has, with or without a salt. Nobody who knows a key and its salt may send both
// joined as a key, so the two kinds differ.
func Unpeppered(sum []byte, salted bool) string {
	kind := "latchkey hash\n"
	if salted {
		kind = "latchkey salted hash\n"
	}
	own := sha256.Sum256(append([]byte(kind), sum...))
	return ":" + base64.RawURLEncoding.EncodeToString(own[:])
}

// Unpeppered returns the hash of a presented key with that salt, if there is one.
func (s Salt) Unpeppered(key string) string {
	text := string(s.Salt) + key
	if s.SaltAfter {
		text = key + string(s.Salt)
	}
	sum := sha256.Sum256([]byte(text))
	return Unpeppered(sum[:], len(s.Salt) > 0)
}

// IsUnpeppered reports whether a hash is that of an imported key which was not used yet.
func IsUnpeppered(hash string) bool { return strings.HasPrefix(hash, ":") }
