package store_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
)

// A contested key is one that several regenerate, revoke, delete and use at once.
type contested struct {
	history
	apikey.Key
	ended atomic.Bool // a revocation or a deletion was answered

	mu      sync.Mutex
	hashes  map[int]string // by generation, as regenerations were answered
	graces  map[int]bool   // whether the secret before it was left a grace
	answers map[string]int // how many of each kind were answered with success
}

// TestRacesOfChangesOfAKey plays them. It must hold:
//
//   - the secrets that are good are that of the last regeneration, and the one before it if it was
//     left a grace; none after a revocation or a deletion;
//   - no check and no regeneration that begins after the end was answered succeeds;
//   - as long as no regeneration could end it, a secret is never refused;
//   - the log has an entry for each change that was answered, and no other.
func TestRacesOfChangesOfAKey(t *testing.T) {
	play(t, 12, func(h history) {
		c := &contested{history: h, Key: newKey(h.T, h.calm, nil), hashes: map[int]string{1: "1:hash"}, graces: map[int]bool{}, answers: map[string]int{}}
		var all sync.WaitGroup
		regenerations, graceful, ends := h.IntN(4), h.IntN(2) == 0, h.IntN(3)
		for i := range regenerations {
			grace := graceful || h.IntN(2) == 0
			all.Go(func() { c.regenerate(fmt.Sprint("1:next", i), grace) })
		}
		for range ends {
			if h.IntN(2) == 0 {
				all.Go(func() {
					c.end(audit.Revoked, func() error { _, err := h.s.RevokeKey(ctx, c.Key, entry(audit.Revoked)); return err })
				})
			} else {
				all.Go(func() { c.end(audit.Deleted, func() error { return h.s.DeleteKey(ctx, c.Key, entry(audit.Deleted)) }) })
			}
		}
		stays := ends == 0 && (regenerations == 0 || regenerations == 1 && graceful)
		for range 2 {
			all.Go(func() { c.use(stays) })
		}
		all.Wait()
		c.settled()
	})
}

func (c *contested) succeeded(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.answers[what]++
}

func (c *contested) regenerate(hash string, grace bool) {
	until := int64(0)
	if grace {
		until = now.Unix() + 60
	}
	ended := c.ended.Load()
	var next apikey.Key
	err := c.answered(func() error {
		k, err := c.s.Key(ctx, c.ID)
		if err == nil {
			next, err = c.s.RegenerateKey(ctx, k, hash, until, entry(audit.Regenerated))
		}
		return err
	})
	if err != nil {
		return
	}
	if ended {
		c.wrong("it is regenerated after its end")
	}
	c.succeeded(audit.Regenerated)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hashes[next.Generation] != "" {
		c.wrong("two are answered generation %d", next.Generation)
	}
	c.hashes[next.Generation], c.graces[next.Generation] = hash, grace
}

func (c *contested) end(action string, do func() error) {
	err := c.answered(do)
	if err == nil {
		c.succeeded(action)
	} else if !errors.Is(err, store.ErrNotFound) {
		c.wrong("%s: %v", action, err)
	}
	c.ended.Store(true)
}

func (c *contested) use(stays bool) {
	for range 3 {
		ended := c.ended.Load()
		err := c.check("1:hash")
		switch {
		case err == nil && ended:
			c.wrong("it is let through after its end")
		case err != nil && stays:
			c.wrong("its first secret is refused: %v", err)
		}
	}
}

func (c *contested) check(hash string) error {
	return c.answered(func() error { _, _, err := c.s.CheckKey(ctx, c.ID, []string{hash}, &reading, now); return err })
}

func (c *contested) settled() {
	if c.lost.Load() {
		return // whoever repeated a regeneration that was done knows the secret of neither
	}
	last := slices.Max(slices.Collect(maps.Keys(c.hashes)))
	if last != len(c.hashes) {
		c.wrong("generations are answered %v", c.hashes)
	}
	for generation, hash := range c.hashes {
		is := generation == last || generation == last-1 && c.graces[last]
		if err := c.check(hash); (err == nil) != (is && !c.ended.Load()) {
			c.wrong("generation %d of %d is answered %v; graces %v, ended %t", generation, last, err, c.graces, c.ended.Load())
		}
	}
	logged := map[string]int{}
	for _, action := range actions(c.T, c.calm, c.ID) {
		logged[action]++
	}
	c.answers[audit.Revoked] = min(c.answers[audit.Revoked], 1) // again changes nothing
	c.answers[audit.Created] = 1
	for action, n := range c.answers {
		if logged[action] != n {
			c.wrong("%d were answered that it is %s, and the log has %d", n, action, logged[action])
		}
		delete(logged, action)
	}
	for action := range logged {
		c.wrong("the log says %s, and nobody was answered so", action)
	}
}

// TestRacesOfADeletionAndOfKeysThatTheKeyMakes has a key make keys, and those make others, while it is
// deleted with all that came from it. It must hold:
//
//   - once the deletion is answered, none of those keys is good, and none can be made;
//   - each was revoked once;
//   - a key that came from another is as it was.
func TestRacesOfADeletionAndOfKeysThatTheKeyMakes(t *testing.T) {
	play(t, 10, func(h history) {
		maker := newKey(h.T, h.calm, nil)
		strange := makes(h.T, h.calm, newKey(h.T, h.calm, nil))
		var ended atomic.Bool
		var mu sync.Mutex
		var made []apikey.Key
		make := func(by apikey.Maker) (k apikey.Key, ok bool) {
			after := ended.Load()
			if h.answered(func() (err error) { k, err = tryToMake(h.s, by); return err }) != nil {
				return k, false
			}
			if after {
				h.wrong("a key is made after the end")
			}
			mu.Lock()
			defer mu.Unlock()
			made = append(made, k)
			return k, true
		}
		var all sync.WaitGroup
		for range 1 + h.IntN(4) {
			depth := 1 + h.IntN(3)
			all.Go(func() {
				for k, ok := maker, true; ok && depth > 0; depth-- {
					k, ok = make(by(k))
				}
			})
		}
		all.Go(func() { // as functions/api-keys-delete does
			for _, step := range []func() error{
				func() error { _, err := h.s.RevokeKey(ctx, maker, entry(audit.Revoked)); return err },
				func() error {
					_, err := h.s.RevokeAllFrom(ctx, maker, func() audit.Entry { return entry(audit.Revoked) })
					return err
				},
				func() error { return h.s.DeleteKey(ctx, maker, entry(audit.Deleted)) },
			} {
				if err := h.answered(step); err != nil && !h.lost.Load() {
					h.wrong("the deletion: %v", err)
				}
			}
			ended.Store(true)
			make(by(maker))
		})
		all.Wait()
		for i, k := range made {
			if state := states(h.T, h.calm, k); state != "revoked" {
				h.wrong("key %d of %d that came from it is %s", i, len(made), state)
			}
			if log := actions(h.T, h.calm, k.ID); len(log) != 2 {
				h.wrong("the log of key %d says %v", i, log)
			}
		}
		if state := states(h.T, h.calm, maker, strange); state != "gone active" {
			h.wrong("it and a key that came from another are %s", state)
		}
	})
}
