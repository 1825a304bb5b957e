package main

import (
	"context"
	"time"

	"github.com/latchkey/latchkey/shared/secret"
)

// keeping returns a rotation that keeps a version until the last token signed with it has expired.
// A function may sign with a version for some minutes after another became current.
func keeping(longest time.Duration, now func() time.Time) func(context.Context, secret.Ring) (secret.Ring, error) {
	return func(_ context.Context, ring secret.Ring) (secret.Ring, error) {
		at := now()
		return ring.Rotate(at, func(_ string, since time.Time) bool { return at.Sub(since) < longest+secret.Settled })
	}
}
