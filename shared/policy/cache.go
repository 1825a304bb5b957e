package policy

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/latchkey/latchkey/shared/scope"
)

// A Principal is all of a caller that its policy depends on.
type Principal struct {
	Kinds   []scope.PrincipalKind
	Scopes  scope.Set
	Project string // its own, for {project_id}
}

// A Policy is compiled and ready to be sent. It is shared: nobody changes it.
type Policy struct {
	JSON   []byte // the policy document
	routes []scope.Route
}

// New compiles the policy that allows these routes, as Compile does.
func New(routes []scope.Route, methodArn string) (Policy, error) {
	document, err := Compile(routes, methodArn)
	if err != nil {
		return Policy{}, err
	}
	text, err := json.Marshal(document)
	return Policy{text, routes}, err
}

// Allows reports whether the policy allows a request, as API Gateway will decide.
func (p Policy) Allows(method, path string) bool { return Allows(p.routes, method, path) }

// A Cache compiles each policy once and keeps it: principals with the same scopes, of the same
// kinds, on the same API and stage, have the same. It may be used concurrently. Make one per process.
type Cache struct {
	catalogue *scope.Catalogue
	byProject bool // the catalogue has routes with {project_id}

	mu   sync.Mutex
	kept map[question]Policy
}

// A question has everything that a policy is compiled from. No kind or scope has a space in its name.
type question struct{ partition, api, stage, kinds, scopes, project string }

// maxKept bounds the memory of a cache. A policy for many scopes takes about 10 KB.
const maxKept = 128

// NewCache makes a Cache of the policies of one catalogue.
func NewCache(c *scope.Catalogue) *Cache {
	return &Cache{catalogue: c, byProject: c.NamesProject(), kept: map[question]Policy{}}
}

// For returns the policy of a principal on the API and stage of methodArn.
func (c *Cache) For(p Principal, methodArn string) (Policy, error) {
	m, err := parse(methodArn)
	if err != nil {
		return Policy{}, err
	}
	q := question{partition: m.partition, api: m.api, stage: m.stage, kinds: join(p.Kinds), scopes: p.Scopes.String()}
	if c.byProject {
		q.project = p.Project
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if found, ok := c.kept[q]; ok {
		return found, nil
	}
	compiled, err := New(In(p.Project, Routes(c.catalogue, p.Scopes, p.Kinds...)), methodArn)
	if err != nil {
		return Policy{}, err
	}
	if len(c.kept) == maxKept {
		clear(c.kept)
	}
	c.kept[q] = compiled
	return compiled, nil
}

func join(kinds []scope.PrincipalKind) string {
	texts := make([]string, len(kinds))
	for i, kind := range kinds {
		texts[i] = string(kind)
	}
	return strings.Join(texts, " ")
}
