package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/secret"
)

// keeping returns a rotation that keeps a version until the last token signed with it has expired.
func keeping(longest time.Duration, now func() time.Time) func(context.Context, secret.Ring) (secret.Ring, error) {
	return func(_ context.Context, ring secret.Ring) (secret.Ring, error) {
		at := now()
		return ring.Rotate(at, secret.SigningAt(at, longest))
	}
}
