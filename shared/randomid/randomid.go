// Package randomid makes and recognises the ids of users, sessions, projects and runs:
// a prefix that says what it is, and 26 characters of crypto/rand.
package randomid

import (
	"crypto/rand"
	"strings"
)

// New makes an id; rand.Text gives 130 bits in base32.
func New(prefix string) string { return prefix + rand.Text() }

// Valid says whether id could have come from New(prefix).
func Valid(prefix, id string) bool {
	rest, ok := strings.CutPrefix(id, prefix)
	return ok && len(rest) == 26 && strings.Trim(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}
