// Package password hashes passwords with argon2id, in the PHC string format.
package password

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// OWASP's first recommendation for argon2id: 19 MiB, two passes, one lane.
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// Bounds of a password, in characters and bytes (NIST SP 800-63B §5.1.1.2 asks for at least 8 and 64).
const (
	MinChars = 8
	MaxBytes = 256
)

// Errors of Valid.
var (
	ErrTooShort = fmt.Errorf("must have at least %d characters", MinChars)
	ErrTooLong  = fmt.Errorf("must have at most %d bytes", MaxBytes)
	ErrNotText  = errors.New("must be valid UTF-8")
)

// Valid returns nil if a new password may be used, else one of the errors above.
func Valid(password string) error {
	switch {
	case !utf8.ValidString(password):
		return ErrNotText
	case utf8.RuneCountInString(password) < MinChars:
		return ErrTooShort
	case len(password) > MaxBytes:
		return ErrTooLong
	}
	return nil
}

// Hash returns the PHC string of a password.
func Hash(password string) (string, error) { return argon2id.CreateHash(password, params) }

// nobody is the hash of a password that nobody knows. With it an unknown e-mail address takes as
// long as a wrong password.
const nobody = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LW5vYm9keS0wMA$CZk8pnZ8HxLb0nGrJ7QlqHq0W3y4f8nqvE1tT2cUo5A"

// Matches compares in constant time. An empty hash, for a user who does not exist, matches
// nothing and takes as long.
func Matches(password, hash string) (bool, error) {
	if hash == "" {
		_, err := argon2id.ComparePasswordAndHash(password, nobody)
		return false, err
	}
	return argon2id.ComparePasswordAndHash(password, hash)
}
