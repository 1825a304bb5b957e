package authn

import (
	"context"
	"errors"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/rehash"
	"github.com/latchkey/latchkey/shared/secret"
)

// A presented key is what somebody sent as one.
type presented struct {
	id, text string
	imported bool // it can only be an imported key
}

// hashes returns all that may be stored of the key: the hash under each pepper, and of an imported
// key also the one without a pepper.
func (p presented) hashes(ring secret.Ring, salt apikey.Salt) []string {
	if !p.imported {
		return ring.MACs(p.text)
	}
	return append(ring.MACs(p.text), salt.Unpeppered(p.text))
}

// checkKey checks a key, and returns its hashes too. There is a second check if the key's own hash
// could not be among them: it was made with a pepper that the ring lacks, because the pepper was
// rotated after the ring was read, or with a salt.
func (a *Authenticator) checkKey(ctx context.Context, p presented, r Request) (*apikey.Key, []string, ratelimit.State, error) {
	check := a.keyCheck(ctx, p.id, r)
	ring, err := a.pepper.Ring(ctx)
	if err != nil {
		return nil, nil, ratelimit.State{}, err
	}
	candidates := p.hashes(ring, apikey.Salt{})
	found, state, err := check(candidates)
	again := false
	if errors.Is(err, apikey.ErrInvalid) {
		version := secret.VersionOf(found.Hash)
		if version != "" && !ring.Has(version) {
			newer, unreadable := a.pepper.RingWith(ctx, version)
			if unreadable != nil {
				return nil, nil, ratelimit.State{}, unreadable
			}
			ring, again = newer, newer.Has(version)
		}
		again = again || p.imported && len(found.Salt.Salt) > 0
	}
	if again {
		candidates = p.hashes(ring, found.Salt)
		found, state, err = check(candidates)
	}
	if err == nil {
		found.Rehash = rehash.Of(ring, p.id, found.Hash, candidates)
	}
	return found, candidates, state, err
}
