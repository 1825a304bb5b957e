package scope_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestScopesAreReadInEverySpelling(t *testing.T) {
	c := scope.Default()
	for words, want := range map[string]scope.Set{
		"":                        nil,
		"read:stats":              {"read:stats"},
		"stats:read":              {"read:stats"},
		"read:stats stats:read":   {"read:stats"},
		"write:offers read:stats": {"read:stats", "write:offers"},
		"events:write":            {"write:events"},
		"read":                    c.ReadOnly(),
		"write":                   c.AllButAdmin(),
		"read write":              c.AllButAdmin(),
		"admin":                   allButByName(c),
		"admin read:stats":        allButByName(c),
		"admin verify:all_keys":   c.All(),
		"keys:verify":             {"verify:keys"},
	} {
		got, err := c.Parse(strings.Fields(words))
		if err != nil {
			t.Errorf("%q: %v", words, err)
		}
		expect.Same(t, "the set of "+words, got.String(), want.String())
		if back := c.FromString(got.String()); !slices.Equal(back, got) {
			t.Errorf("%q: written and read again it is %v", words, back)
		}
	}
}

// allButByName are the scopes that a word may stand for.
func allButByName(c *scope.Catalogue) (set scope.Set) {
	for _, s := range c.Scopes() {
		if !s.ByName {
			set = append(set, s.Name)
		}
	}
	slices.Sort(set)
	return set
}

func TestScopeThatIsGivenByNameIsHeldByAdministratorsOnly(t *testing.T) {
	c := scope.Default()
	for name, set := range map[string]scope.Set{"a member": c.OfRole("member"), "read": c.ReadOnly(), "write": c.AllButAdmin()} {
		expect.Same(t, name+" has it", set.Has(scope.VerifyAllKeys), false)
	}
	expect.Same(t, "a member may check keys of a project", c.OfRole("member").Has("verify:keys"), true)
	expect.Same(t, "an administrator has it", c.OfRole("admin").Has(scope.VerifyAllKeys), true)
}

func TestUnknownScopeNamesTheValidOnes(t *testing.T) {
	c := scope.Default()
	for _, word := range []string{"", " ", ":", "read:", ":read", "stats", "read:nothing", "nothing:read", "write:stats", "admin:read", "read:admin",
		"READ:stats", "read:stats ", "read:*", "*", "read:stats:read", "admin:", ":admin", "read:stats\x00", strings.Repeat("x", 2000)} {
		set, err := c.Parse([]string{"read:stats", word})
		var unknown *scope.UnknownError
		if !errors.As(err, &unknown) {
			t.Errorf("%.40q: the error is %v, want an UnknownError", word, err)
			continue
		}
		expect.Same(t, "the word that is called unknown", unknown.Word, word)
		expect.Same(t, "that no set comes with it", set == nil, true)
		for _, name := range c.All() {
			if !strings.Contains(err.Error(), name) {
				t.Errorf("%.40q: the error does not name %s", word, name)
			}
		}
	}
}

func TestCatalogueHasThePublishedScopes(t *testing.T) {
	c := scope.Default()
	for _, name := range strings.Fields("read:campaigns write:campaigns read:domains write:domains read:offers write:offers read:sources write:sources " +
		"read:networks write:networks read:stats read:billing admin read:events write:events") {
		if !c.Has(name) {
			t.Errorf("%s is missing", name)
		}
	}
	expect.Same(t, "that admin reads only", c.ReadOnly().Has("admin"), false)
	expect.Same(t, "that admin is in all scopes but admin", c.AllButAdmin().Has("admin"), false)
	expect.Same(t, "that the role admin has admin", c.OfRole("admin").Has("admin"), true)
	expect.Same(t, "that no role has admin", c.OfRole("").Has("admin"), false)
	expect.Same(t, "that the role Admin, which is none, has admin", c.OfRole("Admin").Has("admin"), false)
}

func TestScopeThatLeftTheCatalogueGrantsNothing(t *testing.T) {
	if got := scope.Default().FromString("read:gone read:stats read write"); !slices.Equal(got, scope.Set{"read:stats"}) {
		t.Errorf("%v", got)
	}
}

func TestMistakesInACatalogueAreNamed(t *testing.T) {
	one := func(opens string) string { return `{"scopes": [{"name": "read:x", "opens": ["` + opens + `"]}]}` }
	for text, want := range map[string]string{
		"{\n\"scopes\": [\n{,}]}":                                "line 3",
		`{"scope": []}`:                                          `"scope"`,
		`{"scopes": [{"name": "x"}]}`:                            `"x"`,
		`{"scopes": [{"name": "delete:x"}]}`:                     `"delete:x"`,
		`{"scopes": [{"name": "read:"}]}`:                        `"read:"`,
		`{"scopes": [{"name": "read:X"}]}`:                       `"read:X"`,
		`{"scopes": [{"name": "read:a*"}]}`:                      `"read:a*"`,
		`{"scopes": [{"name": "read:x"}, {"name": "read:x"}]}`:   "twice",
		`{"base_paths": ["api"], "scopes": [{"name":"read:x"}]}`: `"api"`,
		one("/x"):          "METHOD",
		one("get /x"):      "METHOD",
		one("GET x"):       "must start with /",
		one("GET /x*"):     "whole last segment",
		one("GET /*/x"):    "whole last segment",
		one("GET /x/**"):   "whole last segment",
		one("GET /x/?"):    "?",
		one("GET /x/{id}"): "{",
		one("GET /x /y"):   "a segment is made of",
		one("GET  /x"):     "must start with /",
		`{"principals": {"everybody": ["GET /x"]}}`: "everybody",
		`{"principals": {"user": ["GET /x*"]}}`:     "whole last segment",
	} {
		if _, err := scope.ParseCatalogue([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", text, err, want)
		}
	}
}
