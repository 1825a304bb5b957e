package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"

	"github.com/latchkey/latchkey/tests/caller"
)

// An attempt is one generated request, and what is known of its answer before it is sent.
type attempt struct {
	number     int
	route      route
	credential string // its name
	request    caller.Request
	passwords  []string // in the request: they must not come back

	wrong    []string // why a 2xx would be wrong; if empty, one is allowed
	strange  bool     // a path, a method or headers that the document does not have: any 4xx may be right
	inactive bool     // an introspection may not say that the token is active
}

func (a *attempt) forbid(ifSo bool, why string) {
	if ifSo {
		a.wrong = append(a.wrong, why)
	}
}

// A generator makes requests. The same seed and number make the same request, but for the names of things.
type generator struct {
	*world
	document
	seed    uint64
	weights []int // of the routes, summed up
}

// Hashing a password takes longer than any other request.
const usual, ofPassword = 8, 1

func newGenerator(w *world, d document, seed uint64) *generator {
	g := &generator{world: w, document: d, seed: seed}
	sum := 0
	for _, r := range d.routes {
		weight := usual
		if strings.HasSuffix(r.path, "/login") || strings.HasSuffix(r.path, "/register") || strings.HasSuffix(r.path, "/logout") || strings.HasSuffix(r.path, "/sessions") || r.kind() == "session" {
			weight = ofPassword
		}
		sum += weight
		g.weights = append(g.weights, sum)
	}
	return g
}

func (g *generator) pick(dice *rand.Rand) route {
	n := dice.IntN(g.weights[len(g.weights)-1])
	for i, sum := range g.weights {
		if n < sum {
			return g.routes[i]
		}
	}
	panic("unreachable")
}

// make makes request n. It may need something that the request is to end, and makes that too.
func (g *generator) make(ctx context.Context, n int) (*attempt, error) {
	dice := rand.New(rand.NewPCG(g.seed, uint64(n))) //nolint:gosec // a seed makes a run repeatable
	r := g.pick(dice)
	c := g.choose(dice, r.String())
	h := c.at(r.String())
	a := &attempt{number: n, route: r, credential: c.name, request: caller.Request{Method: r.method, Path: r.path, Header: http.Header{}}}
	a.forbid(!open(r.String(), h), c.name+" does not open the route")
	for name, values := range c.header {
		a.request.Header[name] = values
	}
	if h != nil && r.path == "/api/auth/logout" && h.person {
		pair, err := g.api.NewPair(ctx, h.of.person)
		if err != nil {
			return nil, err
		}
		a.request.Header = bearer(pair.Access)
	}
	if h != nil && r.String() == "DELETE /v1/auth/sessions" && h.person {
		p, err := g.api.Register(ctx, g.admin, "ends-others", "member")
		if err != nil {
			return nil, err
		}
		a.request.Header = bearer(p.Token)
	}
	if err := g.fillPath(ctx, dice, a, h); err != nil {
		return nil, err
	}
	g.fillQuery(dice, a, c, h)
	if err := g.fillBody(ctx, dice, a, h); err != nil {
		return nil, err
	}
	g.makeStrange(dice, a, h)
	return a, nil
}

// choose prefers a credential that opens the route: most others are refused in the same way.
func (g *generator) choose(dice *rand.Rand, route string) credential {
	c := any1(dice, g.credentials)
	for tries := 0; tries < 40 && dice.IntN(8) > 0; tries++ {
		if h := c.at(route); h != nil && open(route, h) {
			break
		}
		c = any1(dice, g.credentials)
	}
	return c
}

func any1[T any](dice *rand.Rand, list []T) T { return list[dice.IntN(len(list))] }
