package rehash

import (
	"context"
	"crypto/hmac"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
)

// An Applier gives keys the hashes that lines say.
type Applier struct {
	store  *store.Store
	pepper *secret.Source
}

// NewApplier makes an Applier.
func NewApplier(s *store.Store, pepper *secret.Source) Applier { return Applier{s, pepper} }

// FromEnv makes an Applier from the store and the pepper that the environment names.
func FromEnv(e *env.Reader) Applier { return NewApplier(store.FromEnv(e), secret.Pepper(e)) }

// Apply gives each key the new hash that the lines have for it, unless its hash has changed since,
// and returns how many statements it refused because their seal is wrong. A seal of another version
// than the current one is out of date, and the key's next check makes another statement. Applying
// the same lines again changes nothing. It reads the pepper only if a line has a statement.
func (a Applier) Apply(ctx context.Context, lines []string) (forged int, err error) {
	done := map[string]bool{}
	for _, line := range lines {
		id, r := read(line)
		if r == nil || done[id+r.To] {
			continue
		}
		ring, err := a.pepper.Ring(ctx)
		if err != nil {
			return forged, err
		}
		current, _ := ring.Current()
		switch {
		case secret.VersionOf(r.Seal) != current:
			continue
		case !hmac.Equal([]byte(r.Seal), []byte(seal(ring, id, *r))):
			forged++
			continue
		}
		if err := a.store.Rehash(ctx, id, r.From, r.To); err != nil {
			return forged, err
		}
		done[id+r.To] = true
	}
	return forged, nil
}
