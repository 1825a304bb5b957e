package policy

import (
	"strings"

	"github.com/latchkey/latchkey/shared/scope"
)

// An index finds the route that a request matches in a time that does not depend on how many there are.
type index struct {
	all   bool // everything is open
	exact map[scope.Route]bool
	below map[scope.Route]bool // routes whose path ends in *, without the *
	mid   []scope.Route        // routes with a * elsewhere, which are few
}

func indexOf(routes []scope.Route) index {
	x := index{exact: map[scope.Route]bool{}, below: map[scope.Route]bool{}}
	for _, r := range routes {
		before, after, wild := strings.Cut(r.Path, "*")
		switch {
		case opensAll(r):
			return index{all: true}
		case !wild:
			x.exact[r] = true
		case after == "":
			x.below[scope.Route{Method: r.Method, Path: before}] = true
		default:
			x.mid = append(x.mid, r)
		}
	}
	return x
}

// match returns a route that a request matches, if there is one. It agrees with Allows.
func (x index) match(method, path string) (scope.Route, bool) {
	if x.all {
		return scope.Route{Method: "*", Path: "/*"}, true
	}
	if isAmbiguous(path) {
		return scope.Route{}, false
	}
	asked := scope.Route{Method: method, Path: path}
	if x.exact[asked] {
		return asked, true
	}
	for end := len(path); end > 0; end = 1 + strings.LastIndexByte(path[:end-1], '/') {
		if asked.Path = path[:end]; x.below[asked] {
			return scope.Route{Method: method, Path: asked.Path + "*"}, true
		}
	}
	for _, r := range x.mid {
		if matches(r, method, path) {
			return r, true
		}
	}
	return scope.Route{}, false
}
