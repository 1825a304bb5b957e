package store_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
)

// A disputed key is one that several change at once, while others regenerate, end and use it.
type disputed struct {
	history
	apikey.Key
	ended, off atomic.Bool // that it was revoked or deleted, or disabled, was answered
	admitted   atomic.Int64

	mu      sync.Mutex
	answers map[string]int
}

// deeds are changes of a member each, which its entry in the log repeats.
var deeds = map[string]func(k *apikey.Key, n int){
	"label":  func(k *apikey.Key, n int) { k.Label = fmt.Sprint(n) },
	"scopes": func(k *apikey.Key, n int) { k.Scopes = []string{[]string{"read:stats", "read:offers"}[n%2]} },
	"limit":  func(k *apikey.Key, n int) { k.Write = 1 + n },
	"expiry": func(k *apikey.Key, n int) { k.ExpiresAt = now.Unix() + 60 + int64(n) },
}

// TestRacesOfChangesWithEachOtherAndWithEverythingElse plays them. It must hold:
//
//   - the key is what the changes in its log make of it, one after the other, and the log has those that
//     were answered: none is lost, and none is mixed with another;
//   - no regeneration is undone by a change, and no revocation or deletion either;
//   - no check that begins after it was answered that the key is disabled lets anybody through;
//   - the limit is not exceeded.
func TestRacesOfChangesWithEachOtherAndWithEverythingElse(t *testing.T) {
	play(t, 10, func(h history) {
		k := newKey(h.T, h.calm, func(k *apikey.Key) { k.Read = 3 })
		d := &disputed{history: h, Key: k, answers: map[string]int{audit.Created: 1}}
		var all sync.WaitGroup
		for name := range deeds {
			for range h.IntN(3) {
				n := h.IntN(1000)
				all.Go(func() { d.change(name, n) })
			}
		}
		if h.IntN(2) == 0 {
			all.Go(d.regenerate)
		}
		if h.IntN(2) == 0 {
			all.Go(func() { d.turnOff() })
		}
		switch h.IntN(4) {
		case 0:
			all.Go(func() {
				d.end(audit.Revoked, func() error { _, err := h.s.RevokeKey(ctx, k, entry(audit.Revoked)); return err })
			})
		case 1:
			all.Go(func() { d.end(audit.Deleted, func() error { return h.s.DeleteKey(ctx, k, entry(audit.Deleted)) }) })
		}
		for range 3 {
			all.Go(d.use)
		}
		all.Wait()
		d.settled()
	})
}

func (d *disputed) succeeded(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answers[what]++
}

// change repeats a change, as functions/api-keys-update does, until nobody else was first.
func (d *disputed) change(name string, n int) {
	for range 50 {
		ended := d.ended.Load()
		err := d.answered(func() error {
			was, err := d.s.Key(ctx, d.ID)
			if err != nil {
				return err
			}
			if was.Ended(now) {
				return store.ErrNotFound
			}
			next := was
			deeds[name](&next, n)
			e := entry(audit.Updated)
			e.Detail = map[string]string{name: fmt.Sprint(n)}
			return d.s.ChangeKeyBy(ctx, apikey.Maker{}, was, next, e)
		})
		switch {
		case errors.Is(err, store.ErrConflict):
			continue
		case err == nil && ended:
			d.wrong("it is changed after its end")
		}
		if err == nil {
			d.succeeded(audit.Updated)
		}
		return
	}
	d.wrong("50 tries of a change met others")
}

func (d *disputed) turnOff() {
	deeds := func(was apikey.Key) error {
		next := was
		disable(&next)
		e := entry(audit.Updated)
		e.Detail = map[string]string{"disabled": "true"}
		return d.s.ChangeKeyBy(ctx, apikey.Maker{}, was, next, e)
	}
	for range 50 {
		err := d.answered(func() error {
			was, err := d.s.Key(ctx, d.ID)
			if err == nil && was.Ended(now) {
				return store.ErrNotFound
			}
			if err == nil {
				err = deeds(was)
			}
			return err
		})
		if err == nil {
			d.off.Store(true)
			d.succeeded(audit.Updated)
		}
		if !errors.Is(err, store.ErrConflict) {
			return
		}
	}
}

func (d *disputed) regenerate() {
	for range 50 {
		err := d.answered(func() error {
			was, err := d.s.Key(ctx, d.ID)
			if err == nil && was.Ended(now) {
				return store.ErrNotFound
			}
			if err == nil {
				_, err = d.s.RegenerateKey(ctx, was, "1:next", now.Unix()+60, entry(audit.Regenerated))
			}
			return err
		})
		if err == nil {
			d.succeeded(audit.Regenerated)
		}
		if !errors.Is(err, store.ErrConflict) {
			return
		}
	}
}

func (d *disputed) end(action string, do func() error) {
	if d.answered(do) == nil {
		d.succeeded(action)
	}
	d.ended.Store(true)
}

func (d *disputed) use() {
	for range 3 {
		off, ended := d.off.Load(), d.ended.Load()
		err := d.answered(func() error {
			_, _, err := d.s.CheckKey(ctx, d.ID, []string{"1:hash"}, &reading, now)
			return err
		})
		if err == nil {
			d.admitted.Add(1)
		}
		if err == nil && (off || ended) {
			d.wrong("it is let through after it was answered that it is disabled: %t, ended: %t", off, ended)
		}
	}
}

func (d *disputed) settled() {
	if d.lost.Load() {
		return // a change that was repeated is in the log twice
	}
	if n := d.admitted.Load(); n > 3 {
		d.wrong("%d were admitted, and its limit is 3", n)
	}
	log, _, err := d.calm.AuditLog(ctx, d.ID, store.Page{Limit: 100}, now)
	if err != nil {
		d.Fatal(err)
	}
	slices.SortFunc(log, func(a, b audit.Entry) int { return cmp.Compare(a.Chain.Seq, b.Chain.Seq) })
	want, logged, regenerations := d.Key, map[string]int{}, 0
	for i, e := range log {
		if e.Chain.Seq != i+1 {
			d.wrong("entry %d has the place %d", i, e.Chain.Seq)
		}
		logged[e.Action]++
		regenerations = logged[audit.Regenerated]
		for name, n := range e.Detail {
			if name == "disabled" {
				disable(&want)
				continue
			}
			var number int
			_, _ = fmt.Sscan(n, &number)
			deeds[name](&want, number)
		}
	}
	if fmt.Sprint(logged) != fmt.Sprint(d.answers) {
		d.wrong("the log has %v, and these were answered: %v", logged, d.answers)
	}
	found, err := d.calm.Key(ctx, d.ID)
	if errors.Is(err, store.ErrNotFound) && d.answers[audit.Deleted] == 1 {
		return
	}
	describe := func(k apikey.Key) string {
		return fmt.Sprint(k.Label, k.Scopes, k.Write, k.Read, k.ExpiresAt, k.DisabledAt != nil)
	}
	if err != nil || describe(found) != describe(want) {
		d.wrong("it is %s, and its log makes it %s (%v)", describe(found), describe(want), err)
	}
	if found.Generation != 1+regenerations || (found.Hash == "1:next") != (regenerations == 1) {
		d.wrong("after %d regenerations it has generation %d and %s", regenerations, found.Generation, found.Hash)
	}
	if strings.Contains(fmt.Sprint(d.answers), audit.Revoked) != (found.RevokedAt != nil) {
		d.wrong("it is revoked: %t, answered: %v", found.RevokedAt != nil, d.answers)
	}
}
