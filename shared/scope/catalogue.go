// Package scope owns the catalogue of scopes: their names, their spellings, what
// the legacy words stand for, and which methods and paths each of them opens.
//
// Everything that speaks of scopes reads catalogue.json through this package: the
// authorizer's policies, key creation, the OpenAPI document and the dashboard. A
// deployer's own scopes are added there and nowhere else.
package scope

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

//go:embed catalogue.json
var embedded []byte

// Admin is the scope that opens everything.
const Admin = "admin"

// A Catalogue says which scopes exist and what opens which route.
type Catalogue struct {
	scopes     []Scope
	principals map[PrincipalKind][]Route
}

// A Scope is one permission, written action:resource, or "admin".
type Scope struct {
	Name        string
	Description string
	Opens       []Route
}

// A Route is a method ("*" for all, with the path /* only) and a path. The path may end in a segment "*",
// which stands for one or more segments.
type Route struct {
	Method string
	Path   string
}

// PrincipalKind names routes that are open because of who calls, not of a scope.
type PrincipalKind string

const (
	AnyPrincipal PrincipalKind = "any"        // whoever has a valid credential
	User         PrincipalKind = "user"       // a person's JWT
	SecretKey    PrincipalKind = "secret_key" // an API key of type secret
)

// Default is the catalogue that this deployment was built with.
var Default = sync.OnceValue(func() *Catalogue {
	c, err := ParseCatalogue(embedded)
	if err != nil {
		panic(err) // Fail closed: no catalogue, no service. A test parses the same bytes.
	}
	return c
})

// ParseCatalogue reads the catalogue's JSON. Errors name the line of a syntax
// error, or the scope or route that is wrong.
func ParseCatalogue(data []byte) (*Catalogue, error) {
	var doc struct {
		BasePaths []string `json:"base_paths"`
		Scopes    []struct {
			Name        string   `json:"name"`
			Description string   `json:"description"`
			Opens       []string `json:"opens"`
		} `json:"scopes"`
		Principals map[PrincipalKind][]string `json:"principals"`
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		at := dec.InputOffset()
		if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
			at = syntax.Offset // the decoder's own has not moved
		}
		line := 1 + bytes.Count(data[:min(int(at), len(data))], []byte("\n"))
		return nil, fmt.Errorf("scope catalogue, near line %d: %w", line, err)
	}
	c := &Catalogue{principals: map[PrincipalKind][]Route{}}
	for _, s := range doc.Scopes {
		if s.Name != Admin && !wellFormed(s.Name) {
			return nil, fmt.Errorf("scope catalogue: %q is not of the form read:resource or write:resource", s.Name)
		}
		if c.Has(s.Name) {
			return nil, fmt.Errorf("scope catalogue: %q stands twice", s.Name)
		}
		opens := byConvention(s.Name, doc.BasePaths)
		if s.Opens != nil {
			opens = s.Opens
		}
		routes, err := parseRoutes(opens)
		if err != nil {
			return nil, fmt.Errorf("scope catalogue: %s: %w", s.Name, err)
		}
		c.scopes = append(c.scopes, Scope{s.Name, s.Description, routes})
	}
	for kind, opens := range doc.Principals {
		if kind != AnyPrincipal && kind != User && kind != SecretKey {
			return nil, fmt.Errorf("scope catalogue: no kind of principal is called %q", kind)
		}
		routes, err := parseRoutes(opens)
		if err != nil {
			return nil, fmt.Errorf("scope catalogue: principals: %s: %w", kind, err)
		}
		c.principals[kind] = routes
	}
	return c, nil
}

// byConvention gives the routes of a scope that names none: read:x opens GET and
// HEAD, write:x POST, PUT, PATCH and DELETE, on <base>/x and everything below.
func byConvention(name string, bases []string) []string {
	action, resource, _ := strings.Cut(name, ":")
	methods := []string{"GET", "HEAD"}
	if action == "write" {
		methods = []string{"POST", "PUT", "PATCH", "DELETE"}
	}
	var routes []string
	for _, base := range bases {
		for _, m := range methods {
			routes = append(routes, m+" "+base+"/"+resource, m+" "+base+"/"+resource+"/*")
		}
	}
	return routes
}

func parseRoutes(lines []string) ([]Route, error) {
	var routes []Route
	for _, line := range lines {
		method, path, ok := strings.Cut(line, " ")
		if !ok || method != "*" && !slices.Contains(methods, method) {
			return nil, fmt.Errorf("%q is not METHOD /path", line)
		}
		if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, "?{} ") {
			return nil, fmt.Errorf("%q: the path must start with / and hold no ?, {, } or space", line)
		}
		// In a policy "*" crosses "/", so anywhere but as the whole last segment it
		// would open paths that nobody named.
		if i := strings.Index(path, "*"); i >= 0 && (i != len(path)-1 || path[i-1] != '/') {
			return nil, fmt.Errorf("%q: * may stand only as the whole last segment", line)
		}
		if method == "*" && path != "/*" {
			for _, m := range methods { // a * before the path would cross its "/" as well
				routes = append(routes, Route{m, path})
			}
			continue
		}
		routes = append(routes, Route{method, path})
	}
	return routes, nil
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}

func wellFormed(name string) bool {
	action, resource, ok := strings.Cut(name, ":")
	if !ok || action != "read" && action != "write" || resource == "" {
		return false
	}
	return strings.Trim(resource, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// Scopes lists the catalogue in its own order.
func (c *Catalogue) Scopes() []Scope { return slices.Clone(c.scopes) }

// Has says whether name is a scope, spelled as the catalogue spells it.
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
