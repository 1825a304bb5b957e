package main

import (
	"cmp"

	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/policy"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
)

// legible reports whether the authorizer would look at such a path at all.
func (q wanted) legible() bool { return policy.Legible(q.Path) }

// category returns the limit that a request counts against: as at the edge, where a path of another API
// says nothing. Without a method it is one that reads.
func (q wanted) category() ratelimit.Category {
	return ratelimit.CategoryOf(cmp.Or(q.Method, "GET"), "*")
}

// route names a request in the key's log: its method, and the route of the catalogue that its path is
// on. The path itself is in a stranger's hands, and each route is an entry an hour.
func (q wanted) route(path string) string { return cmp.Or(q.Method, "*") + " " + cmp.Or(path, "*") }

// permitted returns INSUFFICIENT_SCOPE if the key does not hold the scopes that the request needs, or,
// where the request names none, if the catalogue opens its method and path to none of the key's.
func (q wanted) permitted(i authn.Identity) (route string, refusal error) {
	if q.scopes != nil {
		if !i.Scopes.Has(scope.Admin) && i.Scopes.Missing(q.scopes) != nil {
			return q.route(""), problem.InsufficientScope
		}
		return q.route(""), nil
	}
	if q.Path == "" {
		return q.route(""), nil
	}
	for _, open := range policy.Routes(scope.Default(), i.Scopes) {
		bound := policy.In(i.Project(), []scope.Route{open})
		if policy.Allows(bound, q.Method, q.Path) {
			return q.route(open.Path), nil
		}
	}
	return q.route(""), problem.InsufficientScope
}
