// Package imported checks a password against a hash that another product made:
//
//	$2b$12$…                                       bcrypt
//	$argon2id$v=19$m=65536,t=3,p=4$<salt>$<key>    argon2id, and Django's argon2$argon2id$…
//	$pbkdf2-sha256$i=600000$<salt>$<key>           PBKDF2 as PHC and passlib write it; -sha512, -sha1 or nothing
//	pbkdf2_sha256$600000$<salt>$<key>              PBKDF2 as Django writes it; _sha1
//
// A login takes as long as the hash says, and anybody may try one. So there are bounds.
package imported

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
)

// Bounds of what a hash may cost. Each takes a processor less than two seconds (BenchmarkDearest).
const (
	maxBcryptCost = 14
	maxMemory     = 256 << 10 // KiB of argon2id
	maxWork       = 1 << 20   // KiB times passes
	maxLanes      = 16
	minIterations = 1_000
	maxIterations = 2_000_000
)

// Bounds of a salt and a key, in bytes. An empty key would match every password.
const (
	minSalt, maxSalt = 8, 64
	minKey, maxKey   = 16, 64
)

// ErrForm reports a hash of no kind that is known.
var ErrForm = errors.New("must be a bcrypt, argon2id or PBKDF2 hash")

// A check compares a password with the hash that it was made from.
type check func(password string) (bool, error)

// Valid returns nil if a hash can be imported, else what is wrong with it.
func Valid(hash string) error {
	_, err := parse(hash)
	return err
}

// Matches compares in constant time.
func Matches(password, hash string) (bool, error) {
	matches, err := parse(hash)
	if err != nil {
		return false, err
	}
	return matches(password)
}

func parse(hash string) (check, error) {
	switch {
	case strings.HasPrefix(hash, "$2a$"), strings.HasPrefix(hash, "$2b$"), strings.HasPrefix(hash, "$2y$"):
		return parseBcrypt(hash)
	case strings.HasPrefix(hash, "$argon2id$"):
		return parseArgon2id(hash)
	case strings.HasPrefix(hash, "argon2$argon2id$"):
		return parseArgon2id(strings.TrimPrefix(hash, "argon2"))
	case strings.HasPrefix(hash, "$pbkdf2"), strings.HasPrefix(hash, "pbkdf2_"):
		return parsePBKDF2(hash)
	}
	return nil, ErrForm
}

func parseBcrypt(hash string) (check, error) {
	cost, err := bcrypt.Cost([]byte(hash))
	if err != nil || len(hash) != 60 {
		return nil, ErrForm
	}
	if cost > maxBcryptCost {
		return nil, fmt.Errorf("bcrypt's cost must be at most %d", maxBcryptCost)
	}
	return func(password string) (bool, error) {
		err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password))
		if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
			return false, nil
		}
		return err == nil, err
	}, nil
}

func parseArgon2id(hash string) (check, error) {
	p, salt, key, err := argon2id.DecodeHash(hash)
	if err != nil || !bounded(salt, key) {
		return nil, ErrForm
	}
	switch {
	case p.Iterations < 1, p.Parallelism < 1: // argon2 panics
		return nil, ErrForm
	case p.Memory > maxMemory, uint64(p.Memory)*uint64(p.Iterations) > maxWork, p.Parallelism > maxLanes:
		return nil, fmt.Errorf("argon2id's m must be at most %d, m times t %d, and p %d", maxMemory, maxWork, maxLanes)
	}
	return func(password string) (bool, error) {
		got := argon2.IDKey([]byte(password), salt, p.Iterations, p.Memory, p.Parallelism, p.KeyLength)
		return subtle.ConstantTimeCompare(got, key) == 1, nil
	}, nil
}

func bounded(salt, key []byte) bool {
	return len(salt) >= minSalt && len(salt) <= maxSalt && len(key) >= minKey && len(key) <= maxKey
}
