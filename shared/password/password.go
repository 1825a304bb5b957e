// Package password hashes passwords with argon2id, in the PHC string format.
package password

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"github.com/latchkey/latchkey/shared/env"
)

// A Cost is what hashing a password takes.
type Cost struct {
	Memory uint32 // KiB
	Passes uint32
}

// Minimum is OWASP's first recommendation for argon2id: 19 MiB, two passes, one lane.
var Minimum = Cost{Memory: 19 * 1024, Passes: 2}

// CostFromEnv reads PASSWORD_MEMORY (MiB) and PASSWORD_PASSES.
func CostFromEnv(e *env.Reader) Cost {
	memory, passes := e.Int("PASSWORD_MEMORY", int(Minimum.Memory/1024)), e.Int("PASSWORD_PASSES", int(Minimum.Passes))
	return Cost{Memory: uint32(memory) * 1024, Passes: uint32(passes)} //nolint:gosec // the template bounds both
}

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
func (c Cost) Hash(password string) (string, error) {
	began := time.Now()
	defer func() { lately.Store(int64(time.Since(began))) }()
	return argon2id.CreateHash(password, &argon2id.Params{
		Memory: c.Memory, Iterations: c.Passes, Parallelism: 1, SaltLength: 16, KeyLength: 32,
	})
}

// Matches compares in constant time. stale reports whether the hash costs less than c, or is one of
// Import. An empty hash, for a user who does not exist, matches nothing. All hashes that do not cost more take the
// same work, so that the time hardly tells who has not logged in since the cost was raised
// (BenchmarkStaleHash).
func (c Cost) Matches(password, hash string) (matches, stale bool, err error) {
	if hash == "" {
		_, err := c.Hash(password)
		return false, false, err
	}
	if strings.HasPrefix(hash, mark) {
		matches, err = c.matchesImported(password, hash)
		return matches, true, err
	}
	matches, was, err := argon2id.CheckHash(password, hash)
	if err != nil {
		return false, false, err
	}
	rest := c.beyond(Cost{was.Memory, was.Iterations})
	if rest == (Cost{}) {
		return matches, false, nil
	}
	_, err = rest.Hash(password)
	return matches, true, err
}

// beyond returns what is left of c after a hash of another cost: nothing if that costs as much.
func (c Cost) beyond(was Cost) Cost {
	if was.work() >= c.work() {
		return Cost{}
	}
	return Cost{Memory: max(8, uint32((c.work()-was.work())/uint64(c.Passes))), Passes: c.Passes} //nolint:gosec // less than c.Memory
}

// work is the memory that is written, in KiB, to which the time is proportional.
func (c Cost) work() uint64 { return uint64(c.Memory) * uint64(c.Passes) }
