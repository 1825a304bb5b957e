package guard

import (
	"context"
	"slices"
	"time"
)

// A Caller is whose key came with a request. It does not have the key.
type Caller struct {
	KeyID      string
	Label      string
	Type       string // scoped, secret, client or read_only
	OwnerID    string // the user whose key it is
	ProjectID  string
	CustomerID string // empty: the key was made for no customer
	Scopes     []string
	Metadata   map[string]string
	ExpiresAt  time.Time // zero: never
}

// Has reports whether the key holds the scope, spelled as action:resource, or is an administrator's.
func (c Caller) Has(scope string) bool {
	return slices.Contains(c.Scopes, scope) || slices.Contains(c.Scopes, "admin")
}

type contextKey struct{}

// CallerOf returns the caller of a guarded request. It panics if no Guard let the request through: a handler that was left
// unguarded must not take everybody for the same caller.
func CallerOf(ctx context.Context) Caller {
	c, guarded := ctx.Value(contextKey{}).(Caller)
	if !guarded {
		panic("guard: CallerOf in a handler that no Guard guards")
	}
	return c
}
