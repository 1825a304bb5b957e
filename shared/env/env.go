// Package env reads a function's settings from its environment variables, which
// template.yaml fills from the deployment's parameters.
//
//	func main() { gateway.Start(env.Build(fromEnv)) }
//
//	func fromEnv(e *env.Reader) gateway.Function {
//		return gateway.Protected(handler{store.FromEnv(e), e.Days("RETENTION")}.serve)
//	}
package env

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

// A Reader reads settings and remembers every mistake in them, so that the log names all of them
// at once. A wrong setting reads as zero, and nothing made from it may be used: see Build.
type Reader struct{ mistakes []error }

// Build returns a function that calls from. It returns what from made, or an error that names
// every mistake in the settings that from read.
func Build[T any](from func(*Reader) T) func() (T, error) {
	return func() (T, error) {
		var r Reader
		made := from(&r)
		if err := errors.Join(r.mistakes...); err != nil {
			var none T
			return none, err
		}
		return made, nil
	}
}

// Fail remembers an error, if there is one, as a mistake.
func (r *Reader) Fail(err error) {
	if err != nil {
		r.mistakes = append(r.mistakes, err)
	}
}

// Required returns the value of a variable that must be set and not empty.
func (r *Reader) Required(name string) string {
	value := os.Getenv(name)
	if value == "" {
		r.Fail(fmt.Errorf("environment variable %s is not set", name))
	}
	return value
}

// Int returns a whole number of at least least.
func (r *Reader) Int(name string, least int) int {
	text := r.Required(name)
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least {
		r.Fail(fmt.Errorf("environment variable %s: %q is not a whole number of at least %d", name, text, least))
		return 0
	}
	return n
}

// Seconds returns a positive number of whole seconds.
func (r *Reader) Seconds(name string) time.Duration {
	return time.Duration(r.Int(name, 1)) * time.Second
}

// Days returns a positive number of whole days.
func (r *Reader) Days(name string) time.Duration {
	return time.Duration(r.Int(name, 1)) * 24 * time.Hour
}

// Either returns a variable's value, which must be one of two; if it is not set, the
// first.
func (r *Reader) Either(name, first, second string) string {
	value := os.Getenv(name)
	switch value {
	case "":
		return first
	case first, second:
		return value
	}
	r.Fail(fmt.Errorf("environment variable %s is %q, neither %s nor %s", name, value, first, second))
	return ""
}
