// Package strength refuses passwords that are easy to guess. It is apart from package password,
// because its word lists take time and memory to load: only who sets a password needs them.
package strength

import (
	"errors"

	"github.com/trustelem/zxcvbn"
)

// leastGuesses is how many guesses a password must take at the least: at 20 a minute, a month.
const leastGuesses = 1e6

// mostBytes of a password are looked at: the estimate of long repetitive texts takes seconds, and
// what follows makes no password easier.
const mostBytes = 64

// ErrGuessable reports a password that is common, or a variation of a common one.
var ErrGuessable = errors.New("is too easy to guess: it is common, or close to something common; add words or characters")

// Check returns ErrGuessable for a password that takes too few guesses by somebody who knows the
// words about its owner.
func Check(password string, about ...string) error {
	if zxcvbn.PasswordStrength(password[:min(len(password), mostBytes)], about).Guesses < leastGuesses {
		return ErrGuessable
	}
	return nil
}
