package main

import (
	"math/rand/v2"
	"slices"
	"strings"
)

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
