package scope

import (
	"slices"
	"strings"
	"testing"
)

// FuzzScopes: whatever words come in, what comes out is in the catalogue, each once, in order, and
// is read back as itself. A word opens no scope that has other letters than the word.
func FuzzScopes(f *testing.F) {
	for _, text := range []string{
		"", "read", "write", "admin", "read:events", "events:read", "read:events write:events", "READ:events", "read:", ":read", "read:read", "a:b:c",
		"read:events\x00", "read :events", "admin:", ":admin", "write:admin", "read:*", "*", "read:évents",
	} {
		f.Add(text)
	}
	c := Default()
	f.Fuzz(func(t *testing.T, text string) {
		words := strings.Split(text, " ")
		for what, set := range map[string]Set{"Parse": parsed(c, words), "FromString": c.FromString(text)} {
			if !slices.IsSorted(set) || len(slices.Compact(slices.Clone(set))) != len(set) {
				t.Fatalf("%s %q: %v is not in order, or has a scope twice", what, text, set)
			}
			if unknown := c.All().Missing(set); len(unknown) > 0 {
				t.Fatalf("%s %q: %v are not in the catalogue", what, text, unknown)
			}
			if again := c.FromString(set.String()); !slices.Equal(again, set) {
				t.Fatalf("%s %q: %v is read back as %v", what, text, set, again)
			}
			if set.Has(Admin) && !slices.Contains(strings.Fields(text), Admin) {
				t.Fatalf("%s %q: gives admin", what, text)
			}
			if wide := slices.ContainsFunc(words, func(w string) bool { return w == "read" || w == "write" || w == Admin }); !wide && len(set) > len(words) {
				t.Fatalf("%s %q: %d words give %v", what, text, len(words), set)
			}
		}
	})
}

// parsed is the set, or an empty one for words that are refused.
func parsed(c *Catalogue, words []string) Set {
	set, err := c.Parse(words)
	if err != nil && len(set) > 0 {
		panic("a refusal with scopes")
	}
	return set
}
