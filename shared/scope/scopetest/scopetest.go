// Package scopetest has catalogues for tests.
package scopetest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/latchkey/latchkey/shared/scope"
)

// Use puts a deployer's catalogue in force until the test ends. Tests that use it are not parallel.
func Use(t testing.TB, text string) *scope.Catalogue {
	t.Helper()
	if _, err := scope.Compose("the test's catalogue", []byte(text)); err != nil {
		t.Fatal(err)
	}
	scope.Follow(func(context.Context) (scope.Published, error) { return scope.Published{Revision: 1, Text: text}, nil })
	t.Cleanup(func() { scope.Follow(nil) })
	return scope.Default()
}

// Resources is the catalogue of n resources with names of usual length, each with a scope to read and a
// scope to write, by the convention.
func Resources(n int) string {
	type named struct {
		Name        string `json:"name"`
		Description string `json:"description"`
	}
	var scopes []named
	for i := range n {
		name := fmt.Sprintf("resource-%02d", i)
		scopes = append(scopes, named{"read:" + name, "List and view " + name}, named{"write:" + name, "Create, update and delete " + name})
	}
	text, err := json.MarshalIndent(map[string]any{"base_paths": []string{"/api"}, "scopes": scopes}, "", " ")
	if err != nil {
		panic(err) // it has only texts
	}
	return string(text)
}
