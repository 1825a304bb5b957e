package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/latchkey/latchkey/shared/rotation"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store   *store.Store
	rotator rotation.Rotator
	now     func() time.Time
}

// serve performs a step of a rotation. A request without a step is an operator's: its answer is
// the number of keys that need each version of the pepper.
func (h handler) serve(ctx context.Context, in rotation.Request) (map[string]int, error) {
	if in.Step == "" {
		return h.count(ctx)
	}
	return nil, h.rotator.Serve(ctx, in)
}

// imported is how count calls the keys that were imported and not used yet. Their hash has no
// version.
const imported = "(imported)"

// count returns the number of usable keys by the version that their hash has, 0 for a version
// of the ring that none has.
func (h handler) count(ctx context.Context) (map[string]int, error) {
	ring, _, err := h.rotator.Current(ctx)
	if err != nil {
		return nil, err
	}
	keys, err := h.store.KeysByPepper(ctx, h.now())
	if err != nil {
		return nil, err
	}
	for _, version := range ring.Versions() {
		keys[version] += 0
	}
	if n, ok := keys[""]; ok {
		delete(keys, "")
		keys[imported] = n
	}
	return keys, nil
}

// next drops a version if no key has it. A function may hash with a version for some minutes
// after another became current, so a version is kept at least that long.
func (h handler) next(ctx context.Context, ring secret.Ring) (secret.Ring, error) {
	keys, err := h.store.KeysByPepper(ctx, h.now())
	if err != nil {
		return secret.Ring{}, err
	}
	slog.InfoContext(ctx, "keys by the version of their pepper", "keys", keys)
	at := h.now()
	return ring.Rotate(at, func(version string, since time.Time) bool {
		return keys[version] > 0 || at.Sub(since) < secret.Settled
	})
}
