// Package randomid makes and recognises the ids of users, sessions, projects and runs: a prefix
// for the kind, and 26 characters from crypto/rand.
package randomid

import (
	"crypto/rand"
	"strings"
)

// New makes an id; rand.Text gives 130 bits in base32.
func New(prefix string) string { return prefix + rand.Text() }

// Valid reports whether id could have come from New(prefix).
func Valid(prefix, id string) bool {
	rest, ok := strings.CutPrefix(id, prefix)
	return ok && len(rest) == 26 && strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}
