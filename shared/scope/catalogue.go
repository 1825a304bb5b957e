// Package scope owns the catalogue of scopes: their names and spellings, the meaning of the
// legacy words, and the methods and paths that each scope opens.
//
// The authorizer's policies, key creation, the OpenAPI document and the dashboard all read
// catalogue.json through this package. A deployer adds scopes there and nowhere else.
package scope

import (
	_ "embed"
	"os"
	"slices"
	"strings"
	"sync"
)

//go:embed catalogue.json
var embedded []byte

// VerifyAllKeys is the scope with which keys of every project are checked.
const VerifyAllKeys = "verify:all_keys"

// Admin is the scope that opens everything.
const Admin = "admin"

// A Catalogue has the scopes that exist, and the routes that scopes and kinds of principal open.
type Catalogue struct {
	scopes     []Scope
	principals map[PrincipalKind][]Route

	all, allButAdmin, readOnly Set
	ofMembers, ofAdmin         Set // what a member holds; what the word admin stands for
}

// A Scope is one permission, written action:resource, or "admin".
type Scope struct {
	Name        string
	Description string
	Opens       []Route

	// ByName is true for a scope that only an administrator holds, and that no word stands for: who is
	// to have it must be given it by its name.
	ByName bool
}

// A PrincipalKind is a kind of caller to whom routes are open whatever its scopes.
type PrincipalKind string

const (
	AnyPrincipal PrincipalKind = "any"        // whoever has a valid credential
	User         PrincipalKind = "user"       // a person's JWT
	SecretKey    PrincipalKind = "secret_key" // an API key of type secret
	FullKey      PrincipalKind = "full_key"   // an API key that holds every scope but admin
)

// Default returns the catalogue that this deployment was built with. The paths in BASE_PATHS,
// separated by commas, replace its base paths.
var Default = sync.OnceValue(func() *Catalogue {
	c, err := ParseCatalogue(embedded, strings.FieldsFunc(os.Getenv("BASE_PATHS"), func(r rune) bool { return r == ',' })...)
	if err != nil {
		panic(err) // Fail closed: no catalogue, no service. A test parses the same bytes.
	}
	return c
})

// ParseCatalogue reads the catalogue's JSON. basePaths, if any, replace its own. Errors name the
// line and what is wrong there.
func ParseCatalogue(data []byte, basePaths ...string) (*Catalogue, error) {
	c := &Catalogue{principals: map[PrincipalKind][]Route{}}
	var bases []string
	r := newReader(data)
	err := r.object(map[string]func() error{
		"base_paths": func() (err error) { bases, err = r.basePaths(); return err },
		"scopes":     func() error { return r.list(func() error { return c.readScope(r) }) },
		"principals": func() error {
			return r.object(map[string]func() error{
				string(AnyPrincipal): func() error { return c.readPrincipal(r, AnyPrincipal) },
				string(User):         func() error { return c.readPrincipal(r, User) },
				string(SecretKey):    func() error { return c.readPrincipal(r, SecretKey) },
				string(FullKey):      func() error { return c.readPrincipal(r, FullKey) },
			})
		},
	})
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return nil, err
	}
	if len(basePaths) > 0 {
		bases = basePaths
	}
	for _, base := range bases {
		if err := checkBase(base); err != nil {
			return nil, err
		}
	}
	for i, s := range c.scopes {
		if s.Opens == nil && s.Name != Admin && !strings.HasPrefix(s.Name, "verify:") {
			c.scopes[i].Opens = byConvention(s.Name, bases)
		}
	}
	for _, s := range c.scopes {
		c.all = append(c.all, s.Name)
		if !s.ByName {
			c.ofAdmin = append(c.ofAdmin, s.Name)
		}
		if !s.ByName && s.Name != Admin {
			c.ofMembers = append(c.ofMembers, s.Name)
		}
	}
	c.all, c.ofAdmin, c.ofMembers = c.all.sorted(), c.ofAdmin.sorted(), c.ofMembers.sorted()
	c.allButAdmin, c.readOnly = c.all.of("read", "write"), c.all.of("read")
	return c, nil
}

func (r *reader) basePaths() (bases []string, err error) {
	return bases, r.list(func() error {
		base, err := r.text()
		if err == nil && checkBase(base) != nil {
			err = r.wrong("%w", checkBase(base))
		}
		bases = append(bases, base)
		return err
	})
}

func (c *Catalogue) readScope(r *reader) error {
	var s Scope
	err := r.object(map[string]func() error{
		"name": func() (err error) {
			switch s.Name, err = r.text(); {
			case err != nil:
				return err
			case s.Name != Admin && !wellFormed(s.Name):
				return r.wrong("%q is not of the form read:resource, write:resource or verify:resource", s.Name)
			case c.Has(s.Name):
				return r.wrong("%q is there twice", s.Name)
			}
			return nil
		},
		"description": func() (err error) { s.Description, err = r.text(); return err },
		"opens":       func() (err error) { s.Opens, err = r.routes(); return err },
		"by_name":     func() (err error) { s.ByName, err = r.truth(); return err },
	})
	if err == nil && s.Name == "" {
		err = r.wrong("this scope has no name")
	}
	c.scopes = append(c.scopes, s)
	return err
}

func (c *Catalogue) readPrincipal(r *reader, kind PrincipalKind) (err error) {
	c.principals[kind], err = r.routes()
	return err
}

// routes reads lines of METHOD /path. An empty list is not nil: it opens nothing, whereas a scope
// without a list opens its convention's routes.
func (r *reader) routes() ([]Route, error) {
	routes := []Route{}
	return routes, r.list(func() error {
		line, err := r.text()
		if err != nil {
			return err
		}
		parsed, err := parseRoute(line)
		if err != nil {
			return r.wrong("%w", err)
		}
		routes = append(routes, parsed...)
		return nil
	})
}

func wellFormed(name string) bool {
	action, resource, ok := strings.Cut(name, ":")
	if !ok || !slices.Contains([]string{"read", "write", "verify"}, action) || resource == "" {
		return false
	}
	return strings.Trim(resource, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// Scopes lists the catalogue in its own order.
func (c *Catalogue) Scopes() []Scope { return slices.Clone(c.scopes) }

// Has reports whether name is a scope, spelled as the catalogue spells it.
func (c *Catalogue) Has(name string) bool {
	return slices.ContainsFunc(c.scopes, func(s Scope) bool { return s.Name == name })
}

// Opens lists the routes that a scope opens; none for an unknown one.
func (c *Catalogue) Opens(name string) []Route {
	for _, s := range c.scopes {
		if s.Name == name {
			return s.Opens
		}
	}
	return nil
}

// OpensTo lists the routes that are open to a kind of principal whatever its scopes.
func (c *Catalogue) OpensTo(kind PrincipalKind) []Route { return c.principals[kind] }

// NamesProject reports whether a route has the caller's own project in its path.
func (c *Catalogue) NamesProject() bool {
	names := func(r Route) bool { return strings.Contains(r.Path, ProjectID) }
	for _, s := range c.scopes {
		if slices.ContainsFunc(s.Opens, names) {
			return true
		}
	}
	for _, routes := range c.principals {
		if slices.ContainsFunc(routes, names) {
			return true
		}
	}
	return false
}
