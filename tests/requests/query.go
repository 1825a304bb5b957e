package main

import (
	"math/rand/v2"
	"net/url"
	"strings"
)

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
			case name == "project" || name == "project_id":
				in := any1(dice, g.tenants)
				value = any1(dice, in.projects[:])
				bad = h != nil && !h.reaches(thing{"project", value, in, value})
			case name == "owner" && h != nil:
				of := any1(dice, g.tenants)
				value = of.person.ID
				bad = of != h.of && (!h.person || !h.has("admin"))
			case name == "limit" && dice.IntN(2) == 0:
				value = any1(dice, []string{"1", "2", "50", "100"})
			case name == "search" || name == "external_id": // any text is one
				value = any1(dice, []string{"a", "requests", "999999999999999999999", "%F0%9F%94%91", "null", "[]"})
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
