// Package secrettest gives a test a deployment's secret.
package secrettest

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/secret"
)

// Source is a secret of one version, the same on every call.
func Source() *secret.Source {
	return secret.NewSource(func(context.Context) (string, error) {
		return `{"current": "1", "1": "a secret for tests, of more than 32 bytes"}`, nil
	}, time.Now)
}
