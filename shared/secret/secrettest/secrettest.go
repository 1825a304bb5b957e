// Package secrettest gives a test the secrets of a deployment.
package secrettest

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/token"
)

// Source is a secret of one version, the same on every call.
func Source() *secret.Source {
	return secret.NewSource(func(context.Context) (string, error) {
		return `{"current": "1", "1": "a secret for tests, of more than 32 bytes"}`, nil
	}, time.Now)
}

// Authority signs tokens with Source.
func Authority(t testing.TB) *token.Authority {
	t.Helper()
	a, err := token.NewAuthority("urn:latchkey:test", "latchkey", Source(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
