package scope

import (
	"fmt"
	"slices"
	"strings"
)

// A Set is a sorted list of scopes without repeats, all of them in the catalogue.
type Set []string

// An UnknownError names the word that is not a scope, and all scopes.
type UnknownError struct {
	Word  string
	Valid []string
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("%q is not a scope; valid are %s, and the legacy words read, write and admin",
		e.Word, strings.Join(e.Valid, ", "))
}

// Parse turns words into a Set. It accepts both spellings (read:stats, stats:read), and the
// legacy words read (every read:*), write (every read:* and write:*) and admin (all but those that
// are given by their name alone).
func (c *Catalogue) Parse(words []string) (Set, error) {
	var set Set
	for _, word := range words {
		switch {
		case word == Admin:
			set = append(set, c.ofAdmin...)
		case word == "read":
			set = append(set, c.readOnly...)
		case word == "write":
			set = append(set, c.allButAdmin...)
		case c.Has(word):
			set = append(set, word)
		default:
			resource, action, _ := strings.Cut(word, ":")
			if !c.Has(action + ":" + resource) {
				return nil, &UnknownError{word, c.All()}
			}
			set = append(set, action+":"+resource)
		}
	}
	return set.sorted(), nil
}

// All returns every scope. The role admin holds them all.
func (c *Catalogue) All() Set { return slices.Clone(c.all) }

// AllButAdmin returns every read:* and write:* scope.
func (c *Catalogue) AllButAdmin() Set { return slices.Clone(c.allButAdmin) }

// OfMembers returns every scope that the role member holds: all but admin, and but those that only an
// administrator holds.
func (c *Catalogue) OfMembers() Set { return slices.Clone(c.ofMembers) }

// HoldsAllButAdmin reports whether a set has all of AllButAdmin.
func (c *Catalogue) HoldsAllButAdmin(s Set) bool { return len(s.Missing(c.allButAdmin)) == 0 }

// ReadOnly returns every read:* scope.
func (c *Catalogue) ReadOnly() Set { return slices.Clone(c.readOnly) }

// of returns the scopes of these actions.
func (s Set) of(actions ...string) Set {
	var some Set
	for _, name := range s {
		if action, _, ok := strings.Cut(name, ":"); ok && slices.Contains(actions, action) {
			some = append(some, name)
		}
	}
	return some
}

// OfRole returns the scopes that a user of that role holds.
func (c *Catalogue) OfRole(role string) Set {
	if role == "admin" {
		return c.All()
	}
	return c.OfMembers()
}

func (s Set) sorted() Set {
	slices.Sort(s)
	return slices.Compact(s)
}

// Has reports whether the set holds the scope.
func (s Set) Has(name string) bool { _, ok := slices.BinarySearch(s, name); return ok }

// Missing returns the scopes that other has and s has not.
func (s Set) Missing(other Set) Set {
	var missing Set
	for _, name := range other {
		if !s.Has(name) {
			missing = append(missing, name)
		}
	}
	return missing
}

// Intersect returns the scopes that both sets have.
func (s Set) Intersect(other Set) Set {
	both := make(Set, 0, len(s))
	for _, name := range s {
		if other.Has(name) {
			both = append(both, name)
		}
	}
	return both
}

// String returns the scopes with spaces between them (RFC 6749 §3.3).
func (s Set) String() string { return strings.Join(s, " ") }

// FromString reads the result of String. It leaves out words that the catalogue does not have, or
// no longer has.
func (c *Catalogue) FromString(text string) Set { return c.known(strings.Split(text, " ")) }

// Known returns those of the words that are scopes, as Set. A scope that left the catalogue opens
// nothing, also to those who were given it.
func (c *Catalogue) Known(words []string) Set { return c.known(slices.Clone(words)) }

func (c *Catalogue) known(words []string) Set {
	return Set(slices.DeleteFunc(words, func(word string) bool { return !c.Has(word) })).sorted()
}
