package policy

import (
	"encoding/json"
	"slices"

	"github.com/latchkey/latchkey/shared/scope"
)

// MaxAnswer is the length of the longest answer of the authorizer, in bytes. It is API Gateway's bound for
// WebSocket APIs, the only kind for which one is published. REST APIs were seen to take more.
const MaxAnswer = 8192

// A Policy is compiled and ready to be sent. It is shared: nobody changes it.
type Policy struct {
	routes index
	base   string // of resources: the ARN up to the stage
	whole  []byte // the document, or nil if it is longer than any answer
}

// New compiles the policy that allows these routes, as Compile does.
func New(routes []scope.Route, methodArn string) (Policy, error) {
	m, err := parse(methodArn)
	if err != nil {
		return Policy{}, err
	}
	p := Policy{routes: indexOf(routes), base: m.base()}
	if p.lengthOf(routes) > MaxAnswer {
		return p, nil
	}
	document, err := Compile(routes, methodArn)
	if err != nil {
		return Policy{}, err
	}
	if p.whole, err = json.Marshal(document); err != nil || len(p.whole) > MaxAnswer {
		p.whole = nil
	}
	return p, err
}

// lengthOf returns about the least that a document with these routes can take.
func (p Policy) lengthOf(routes []scope.Route) int {
	total := 0
	if !slices.ContainsFunc(routes, opensAll) {
		for _, r := range routes {
			total += len(p.base) + len(r.Method) + len(r.Path)
		}
	}
	return total
}

// Allows reports whether the policy allows a request, as API Gateway will decide.
func (p Policy) Allows(method, path string) bool {
	_, allowed := p.routes.match(method, path)
	return allowed
}

// Document returns the policy as JSON. If that takes at most room bytes it is the whole policy, so API
// Gateway may keep it and use it for other requests of this caller. If not, it is about the request at
// hand: it allows the one route that the request matches, or nothing.
func (p Policy) Document(method, path string, room int) []byte {
	if p.whole != nil && len(p.whole) <= room {
		return p.whole
	}
	r, allowed := p.routes.match(method, path)
	if !allowed {
		return denied
	}
	resource, err := json.Marshal(p.base + "/" + r.Method + r.Path)
	if err != nil {
		return denied
	}
	return slices.Concat(beforeResource, resource, afterResource)
}

// The documents about one request.
var (
	denied         = mustJSON(DenyAll())
	beforeResource = []byte(`{"Version":"2012-10-17","Statement":[{"Action":["execute-api:Invoke"],"Effect":"Allow","Resource":[`)
	afterResource  = slices.Concat([]byte(`]},`), mustJSON(statement("Deny", ambiguous...)), []byte(`]}`))
)

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // it has only texts
	}
	return text
}
