// Package apikey owns the API key: its format, its types, and the check of one.
//
//	gf_ 4Hk0pQzXw2LmN8sT  b1…30 characters…Zq  0aB3xY
//	prefix     id               secret          checksum
//
// The id is public: it is the database key. The checksum lets a mistyped or invented
// key be refused before any read of the database.
package apikey

import (
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
)

const (
	idLen       = 16 // 95 bits
	secretLen   = 30 // 178 bits
	checksumLen = 6
	base62      = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// ErrMalformed reports a string that cannot be a key: its form or its checksum is wrong.
var ErrMalformed = errors.New("not an API key")

// ValidPrefix reports whether a project may give its scoped keys this prefix: 2 to 16 lower-case
// letters, digits and underscores, with an underscore at the end, and not the prefix of a type.
func ValidPrefix(prefix string) bool {
	for _, t := range []Type{Secret, Client, ReadOnly} {
		if prefix == t.prefix() {
			return false
		}
	}
	return isPrefix(prefix)
}

// isPrefix reports whether text has the form of a prefix. It is no regular expression, which every process would
// have to compile before its first request.
func isPrefix(text string) bool {
	return len(text) >= 2 && len(text) <= 16 && text[0] >= 'a' && text[0] <= 'z' && text[len(text)-1] == '_' &&
		strings.Trim(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// ValidID reports whether id has the form of a key's id.
func ValidID(id string) bool { return len(id) == idLen && strings.Trim(id, base62) == "" }

// NewID makes a key's id.
func NewID() string { return random(idLen) }

// New makes a key with that prefix and id, and a fresh secret.
func New(prefix, id string) string {
	body := prefix + id + random(secretLen)
	return body + checksum(body)
}

// ID returns the id in a full key, or ErrMalformed.
func ID(key string) (string, error) {
	prefix := formPrefix(key)
	if prefix == "" || checksum(key[:len(key)-checksumLen]) != key[len(key)-checksumLen:] {
		return "", ErrMalformed
	}
	return key[len(prefix) : len(prefix)+idLen], nil
}

// formPrefix returns the prefix of a text that has the form of a key, whatever its checksum, or "".
func formPrefix(key string) string {
	tail := idLen + secretLen + checksumLen
	if len(key) <= tail || len(key) > tail+16 {
		return ""
	}
	prefix := key[:len(key)-tail]
	if !isPrefix(prefix) || strings.Trim(key[len(prefix):], base62) != "" {
		return ""
	}
	return prefix
}

// Mask returns a key's first 8 characters, and dots for the rest.
func Mask(key string) string { return key[:8] + "••••••••" }

func checksum(body string) string {
	n := crc32.ChecksumIEEE([]byte(body))
	var out [checksumLen]byte
	for i := checksumLen - 1; i >= 0; i-- {
		out[i] = base62[n%62]
		n /= 62
	}
	return string(out[:])
}

// random returns n base62 characters from crypto/rand, without modulo bias.
func random(n int) string {
	out := make([]byte, 0, n)
	var buf [64]byte
	for len(out) < n {
		if _, err := rand.Read(buf[:]); err != nil {
			panic(fmt.Sprintf("apikey: no randomness: %v", err)) // crypto/rand never returns one
		}
		for _, b := range buf {
			if b < 248 && len(out) < n { // 248 = 4 × 62
				out = append(out, base62[b%62])
			}
		}
	}
	return string(out)
}
