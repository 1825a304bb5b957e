// Package tokentest gives a test an authority that signs and verifies tokens.
package tokentest

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/token"
)

// Authority signs tokens with secrettest.Source.
func Authority(t testing.TB) *token.Authority {
	t.Helper()
	a, err := token.NewAuthority("urn:latchkey:test", "latchkey", secrettest.Source(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
