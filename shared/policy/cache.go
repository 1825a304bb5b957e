package policy

import (
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

// A Cache compiles each policy once and keeps it: principals with the same scopes, of the same
// kinds, on the same API and stage, have the same. It may be used concurrently. Make one per process.
type Cache struct {
	mu        sync.Mutex
	catalogue *scope.Catalogue // of the policies that it has
	kept      map[question]Policy
}

// A question has everything that a policy is compiled from but the catalogue. No kind or scope has a
// space in its name.
type question struct{ partition, api, stage, kinds, scopes, project string }

// maxKept bounds the memory of a cache. A policy takes about 10 KB, and its routes up to 60.
const maxKept = 128

// NewCache makes an empty Cache.
func NewCache() *Cache { return &Cache{kept: map[question]Policy{}} }

// For returns the policy that a catalogue gives a principal on the API and stage of methodArn.
func (c *Cache) For(catalogue *scope.Catalogue, p Principal, methodArn string) (Policy, error) {
	m, err := parse(methodArn)
	if err != nil {
		return Policy{}, err
	}
	q := question{partition: m.partition, api: m.api, stage: m.stage, kinds: join(p.Kinds), scopes: p.Scopes.String()}
	if catalogue.NamesProject() {
		q.project = p.Project
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.catalogue != catalogue {
		c.catalogue = catalogue
		clear(c.kept)
	}
	if found, ok := c.kept[q]; ok {
		return found, nil
	}
	compiled, err := New(In(p.Project, Routes(catalogue, p.Scopes, p.Kinds...)), methodArn)
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
