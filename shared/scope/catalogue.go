// Package scope owns the catalogue of scopes: their names and spellings, the meaning of the
// legacy words, and the methods and paths that each scope opens.
//
//	latchkey.json    Latchkey's own scopes and routes, which every catalogue has
//	catalogue.json   the deployer's scopes, compiled in
//	the table        the deployer's scopes, published while the functions run (follow.go)
//
// The authorizer's policies, key creation, the OpenAPI document and the dashboard all read Default.
package scope

import (
	"slices"
	"strings"
)

// VerifyAllKeys is the scope with which keys of every project are checked.
const VerifyAllKeys = "verify:all_keys"

// Admin is the scope that opens everything.
const Admin = "admin"

// A Catalogue has the scopes that exist, and the routes that scopes and kinds of principal open. It
// never changes.
type Catalogue struct {
	scopes     []Scope
	byName     map[string]Scope
	principals map[PrincipalKind][]Route

	all, allButAdmin, readOnly, latchkeys Set
	ofMembers, ofAdmin                    Set // what a member holds; what the word admin stands for

	namesProject bool
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

// newCatalogue makes the catalogue of a document, in which the scopes that list no routes open those of
// the convention on bases.
func newCatalogue(d document, bases []string) *Catalogue {
	c := &Catalogue{scopes: d.scopes, byName: map[string]Scope{}, principals: d.principals}
	for i, s := range c.scopes {
		if s.Opens == nil && s.Name != Admin && !strings.HasPrefix(s.Name, "verify:") {
			c.scopes[i].Opens = byConvention(s.Name, bases)
		}
		c.byName[s.Name] = c.scopes[i]
		c.all = append(c.all, s.Name)
		if !s.ByName {
			c.ofAdmin = append(c.ofAdmin, s.Name)
		}
		if !s.ByName && s.Name != Admin {
			c.ofMembers = append(c.ofMembers, s.Name)
		}
		c.namesProject = c.namesProject || slices.ContainsFunc(c.scopes[i].Opens, namesProject)
	}
	for _, routes := range c.principals {
		c.namesProject = c.namesProject || slices.ContainsFunc(routes, namesProject)
	}
	c.all, c.ofAdmin, c.ofMembers = c.all.sorted(), c.ofAdmin.sorted(), c.ofMembers.sorted()
	c.allButAdmin, c.readOnly = c.all.of("read", "write"), c.all.of("read")
	return c
}

func namesProject(r Route) bool { return strings.Contains(r.Path, ProjectID) }

// Scopes lists the catalogue in its own order.
func (c *Catalogue) Scopes() []Scope { return slices.Clone(c.scopes) }

// Has reports whether name is a scope, spelled as the catalogue spells it.
func (c *Catalogue) Has(name string) bool {
	_, ok := c.byName[name]
	return ok
}

// Opens lists the routes that a scope opens; none for an unknown one.
func (c *Catalogue) Opens(name string) []Route { return c.byName[name].Opens }

// OpensTo lists the routes that are open to a kind of principal whatever its scopes.
func (c *Catalogue) OpensTo(kind PrincipalKind) []Route { return c.principals[kind] }

// Latchkeys returns those of the scopes that are Latchkey's own. No other opens a route of its API.
func (c *Catalogue) Latchkeys(s Set) Set { return s.Intersect(c.latchkeys) }

// NamesProject reports whether a route has the caller's own project in its path.
func (c *Catalogue) NamesProject() bool { return c.namesProject }
