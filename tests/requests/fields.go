package main

import (
	"context"
	"crypto/rand"
	"fmt"
	dices "math/rand/v2"
	"slices"
	"strings"
)

// fillFields replaces what an example says by what is so in this world, rightly or wrongly.
func (g *generator) fillFields(ctx context.Context, dice *dices.Rand, a *attempt, h *holder, fields map[string]any) error {
	switch a.route.String() {
	case "POST /v1/auth/login", "POST /api/auth/login":
		g.fillLogin(dice, a, fields)
	case "POST /v1/auth/register":
		fields["email"] = fmt.Sprintf("%s@example.com", strings.ToLower(rand.Text()))
		fields["password"] = rand.Text()
		a.passwords = append(a.passwords, fields["password"].(string))
	case "POST /api/auth/refresh":
		return g.fillRefresh(ctx, dice, a, fields)
	case "POST /v1/api-keys", "POST /api/v1/auth/api-keys":
		delete(fields, "project_id")
		if dice.IntN(2) == 0 {
			g.fillScopes(dice, a, h, fields)
		}
		g.fillProject(dice, a, h, fields)
	case "PATCH /v1/api-keys/{id}":
		if dice.IntN(2) == 0 {
			g.fillScopes(dice, a, h, fields)
		}
	case "POST /v1/runs":
		g.fillProject(dice, a, h, fields)
	}
	return nil
}

func (g *generator) fillLogin(dice *dices.Rand, a *attempt, fields map[string]any) {
	p := any1(dice, g.tenants[:2]).person
	fields["email"], fields["password"] = p.Email, p.Password
	delete(fields, "cookie")
	switch dice.IntN(4) {
	case 0:
		fields["password"] = rand.Text()
		a.forbid(true, "a wrong password")
	case 1:
		fields["email"] = any1(dice, []string{"nobody@example.com", "", "x", "a@b@c", strings.Repeat("x", 300) + "@example.com", "é@example.com", "\u0000@example.com"})
		a.forbid(true, "nobody has that address")
	}
	a.passwords = append(a.passwords, p.Password)
}

func (g *generator) fillRefresh(ctx context.Context, dice *dices.Rand, a *attempt, fields map[string]any) error {
	clear(fields)
	if dice.IntN(6) == 0 {
		pair, err := g.api.NewPair(ctx, any1(dice, g.tenants[:2]).person)
		fields["refresh_token"] = pair.Refresh
		return err
	}
	fields["refresh_token"] = any1(dice, g.credentials).text
	for _, c := range g.credentials { // the one that would do
		if c.text == fields["refresh_token"] && strings.HasSuffix(c.name, "refresh token") {
			fields["refresh_token"] = ""
		}
	}
	if dice.IntN(3) == 0 {
		clear(fields)
		fields["cookie"] = true
	}
	a.forbid(true, "no refresh token")
	return nil
}

// fillScopes asks for scopes, which the caller may not hold.
func (g *generator) fillScopes(dice *dices.Rand, a *attempt, h *holder, fields map[string]any) {
	scopes := []string{any1(dice, []string{"read:events", "events:read", "write:events", "read:stats", "admin", "read:everything", ""})}
	if dice.IntN(2) == 0 {
		scopes = append(scopes, "read:billing")
	}
	delete(fields, "permissions")
	fields["scopes"] = scopes
	if slices.Contains(scopes, "events:read") {
		scopes[0] = "read:events"
	}
	beyond := slices.ContainsFunc(scopes, func(s string) bool { return h == nil || !h.has(s) || s == "" || s == "read:everything" })
	a.forbid(beyond, "the key would have a scope that does not exist, or that its maker does not hold")
}

// fillProject names a project in one of two requests.
func (g *generator) fillProject(dice *dices.Rand, a *attempt, h *holder, fields map[string]any) {
	if dice.IntN(2) == 0 {
		return
	}
	in := any1(dice, g.tenants)
	id := any1(dice, in.projects[:])
	fields["project_id"] = id
	a.forbid(h == nil || !h.reaches(thing{"project", id, in, id}), "the project in the body is not the caller's")
}
