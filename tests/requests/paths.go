package main

import (
	"context"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
)

// ends are the routes that end or change what their path names. What is to stay is never given to them
// together with a credential that may do it.
var ends = []string{"DELETE /v1/api-keys/{id}", "DELETE /api/v1/auth/api-keys/{id}", "PUT /api/v1/auth/api-keys/{id}/revoke",
	"POST /api/v1/auth/api-keys/{id}/regenerate", "DELETE /v1/auth/sessions/{id}"}

// oddIDs are no ids of anything.
var oddIDs = []string{"x", "-", "%20", "%00", "%0a", "..%2f..%2fv1%2fapi-keys", "%2e%2e", ".", "..", "%252e%252e", "%c0%ae", "%ff", "%zz",
	"*", "%2A", "{id}", "null", "undefined", "0", "-1", "run_", "ses_", "KEY%23x", "'%20OR%20'1'='1", "${jndi:ldap:x}", "%F0%9F%94%91",
	strings.Repeat("A", 16), strings.Repeat("A", 3000), "ses_" + strings.Repeat("A", 26), "run_" + strings.Repeat("A", 26)}

// fillPath puts an id into the path: of a thing that the holder may reach, of one that it may not, or of nothing.
func (g *generator) fillPath(ctx context.Context, dice *rand.Rand, a *attempt, h *holder) error {
	kind := a.route.kind()
	if kind == "" {
		return nil
	}
	id := any1(dice, oddIDs)
	switch known := len(g.things(nil, kind)) > 0; {
	case known && h != nil && len(a.wrong) == 0 && dice.IntN(5) < 3:
		t, err := g.own(ctx, dice, a.route, h)
		if err != nil {
			return err
		}
		id = t.id
	case known && dice.IntN(4) > 0:
		id = any1(dice, g.things(h, kind)).id
		a.forbid(true, "the path names what the caller may not see")
	default:
		a.strange = true
		a.forbid(true, "the path names nothing")
	}
	a.request.Path = strings.ReplaceAll(a.route.path, "{id}", id)
	return nil
}

// things are those of a kind that a holder does not reach; all of them for nil.
func (g *generator) things(h *holder, kind string) (found []thing) {
	for _, t := range g.tenants {
		for _, one := range t.things {
			if one.kind == kind && !h.reaches(one) {
				found = append(found, one)
			}
		}
	}
	return found
}

// own returns something that the holder reaches. For a route that ends it, it is made for that.
func (g *generator) own(ctx context.Context, dice *rand.Rand, r route, h *holder) (thing, error) {
	if !slices.Contains(ends, r.String()) {
		return any1(dice, slices.DeleteFunc(slices.Clone(h.of.things), func(t thing) bool {
			return t.kind != r.kind() || !h.reaches(t)
		})), nil
	}
	if r.kind() == "session" {
		pair, err := g.api.NewPair(ctx, h.of.person)
		if err != nil {
			return thing{}, err
		}
		id, _, err := g.whoIs(ctx, pair.Access)
		return thing{"session", id, h.of, ""}, err
	}
	in := h.project
	if in == "" {
		in = h.of.projects[0]
	}
	k, err := g.api.NewKey(ctx, h.of.person.Token, map[string]any{"name": "ends", "project_id": in})
	return thing{"key", k.ID, h.of, in}, err
}

// fillQuery adds parameters that the route has, good and bad, and others that it has not.
func (g *generator) fillQuery(dice *rand.Rand, a *attempt, c credential, h *holder) {
	var query []string
	if c.query != "" {
		query = append(query, c.query)
	}
	if dice.IntN(2) == 0 {
		for _, name := range a.route.query {
			value, bad := "", false
			switch {
			case dice.IntN(2) == 0:
				continue
			case name == "project":
				in := any1(dice, g.tenants)
				value = any1(dice, in.projects[:])
				bad = h != nil && !h.reaches(thing{"project", value, in, value})
			case name == "limit" && dice.IntN(2) == 0:
				value = any1(dice, []string{"1", "2", "50", "100"})
			default:
				value, bad = any1(dice, []string{"-1", "abc", "1e3", "999999999999999999999", "%00", "%ff", "AAAA", "%F0%9F%94%91", "null", "[]"}), true
			}
			a.forbid(bad, "the parameter "+name+" is not valid: "+value)
			query = append(query, name+"="+value)
		}
		if dice.IntN(3) == 0 {
			query = append(query, any1(dice, []string{"x", "x=1&x=2", "=", "%", "%zz=1", "debug=true", "owner=*", "a[]=1", url.QueryEscape("é") + "=1"}))
			a.strange = true
		}
	}
	if query != nil {
		a.request.Path += "?" + strings.Join(query, "&")
	}
}

var otherMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECTX"}

// makeStrange changes, in few requests, what a client does not: the spelling of the path, the method, headers.
func (g *generator) makeStrange(dice *rand.Rand, a *attempt, h *holder) {
	path := a.request.Path
	switch dice.IntN(25) {
	case 0:
		a.strange, a.request.Path = true, any1(dice, []func(string) string{
			func(p string) string { return p + "/" },
			func(p string) string { return "/" + p[1:2] + "/.." + p },
			func(p string) string { return "/health/%2e%2e" + p },
			func(p string) string { return "/health/..;" + p },
			func(p string) string { return strings.ToUpper(p) },
			func(p string) string { return p + ";x=1" },
			func(p string) string { return p + "%00" },
			func(p string) string { return p + "%2f" },
			func(p string) string { return p + "#x" },
			func(p string) string { return strings.Replace(p, "/v1/", "/v1//", 1) },
			func(p string) string { return strings.Replace(p, "/v1", "/%76%31", 1) },
			func(p string) string { return strings.Replace(p, "/v1", "/v1/%c0%ae", 1) },
			func(p string) string { return strings.Replace(p, "/v1", `/v1\`, 1) },
		})(path)
	case 1:
		a.strange, a.request.Method = true, any1(dice, otherMethods)
		if a.request.Method != a.route.method {
			g.becomes(a, h, a.request.Method)
		}
	case 2:
		a.strange = true
		by := any1(dice, []string{"GET", "POST", "PUT", "PATCH", "HEAD"})
		if a.request.Header["X-Http-Method-Override"] = []string{by}; by != a.route.method {
			g.becomes(a, h, by)
		}
	case 3:
		a.strange = true
		a.request.Header[any1(dice, []string{"X-Forwarded-For", "Accept", "Origin", "If-None-Match", "Idempotency-Key", "X-Original-Url", "Expect-Ct", "Range"})] =
			[]string{any1(dice, []string{"", "*", "127.0.0.1", "https://evil.example.com", strings.Repeat("x", 5000), "\xe9", "a b", `"x"`})}
	}
}

// becomes notes that a request may be one of another method, whose route may take what this one refuses.
func (g *generator) becomes(a *attempt, h *holder, method string) {
	other := route{method: method, path: a.route.path}
	known := slices.ContainsFunc(g.routes, func(r route) bool { return r.String() == other.String() })
	switch {
	case method == "OPTIONS", known && other.kind() == "" && open(other.String(), h):
		a.wrong = nil
	case a.request.Method == method:
		a.forbid(true, "there is no such method, or not for this caller")
	}
}
