package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"strings"
)

// ends are the routes that end or change what their path names. What is to stay is never given to them
// together with a credential that may do it.
var ends = []string{"PATCH /v1/api-keys/{id}", "DELETE /v1/api-keys/{id}", "DELETE /api/v1/auth/api-keys/{id}", "PUT /api/v1/auth/api-keys/{id}/revoke",
	"POST /api/v1/auth/api-keys/{id}/regenerate", "DELETE /v1/auth/sessions/{id}", "POST /v1/runs/{id}/events",
	"PATCH /v1/customers/{id}", "DELETE /v1/customers/{id}"}

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
	others := g.things(h, kind)
	if h.oversees(a.route.String()) {
		others = nil
	}
	switch known := len(g.things(nil, kind)) > 0; {
	case known && h != nil && len(a.wrong) == 0 && dice.IntN(5) < 3:
		t, err := g.own(ctx, dice, a.route, h)
		if err != nil {
			return err
		}
		id = t.id
	case len(others) > 0 && dice.IntN(4) > 0:
		id = any1(dice, others).id
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
	if r.kind() == "customer" {
		id, err := g.newCustomer(ctx, h.of.person, in)
		return thing{"customer", id, h.of, in}, err
	}
	if r.kind() == "run" {
		id, err := g.api.NewID(ctx, h.of.person.Token, "/v1/runs", map[string]any{"project_id": in})
		return thing{"run", id, h.of, in}, err
	}
	k, err := g.api.NewKey(ctx, h.of.person.Token, map[string]any{"name": "ends", "project_id": in})
	return thing{"key", k.ID, h.of, in}, err
}
