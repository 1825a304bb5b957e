package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// by is the current secret of a key, as a maker.
func by(k apikey.Key) apikey.Maker { return apikey.Maker{Key: &k, Generation: k.Generation} }

func tryToMake(s *store.Store, maker apikey.Maker) (apikey.Key, error) {
	k := apikey.Key{
		ID: apikey.NewID(), Type: apikey.Scoped, Owner: "usr_A", Project: "prj_A",
		Scopes: []string{"read:stats"}, Hash: "1:hash", Generation: 1, CreatedAt: now,
	}
	maker.Endow(&k, now)
	return k, s.CreateKeyBy(ctx, maker, k, entry(audit.Created))
}

// makes is a key that another makes.
func makes(t *testing.T, s *store.Store, maker apikey.Key) apikey.Key {
	t.Helper()
	k, err := tryToMake(s, by(maker))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// regenerates is a key after another, or a user, has regenerated it.
func regenerates(t *testing.T, s *store.Store, maker apikey.Maker, k apikey.Key, graceUntil int64) apikey.Key {
	t.Helper()
	k, err := s.RegenerateKeyBy(ctx, maker, k, "1:next", graceUntil, entry(audit.Regenerated))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// cascades revokes a key and all that came from it, and returns how many came from it.
func cascades(t *testing.T, s *store.Store, k apikey.Key) int {
	t.Helper()
	if _, err := s.RevokeKey(ctx, k, entry(audit.Revoked)); err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	n, err := s.RevokeAllFrom(ctx, k, func() audit.Entry { return entry(audit.Revoked) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// states are those of the keys, in their order.
func states(t *testing.T, s *store.Store, all ...apikey.Key) string {
	t.Helper()
	var states []string
	for _, k := range all {
		found, err := s.Key(ctx, k.ID)
		switch {
		case errors.Is(err, store.ErrNotFound):
			states = append(states, "gone")
		case err != nil:
			t.Fatal(err)
		default:
			states = append(states, found.State(now))
		}
	}
	return strings.Join(states, " ")
}

func TestKeyThatChangedSinceItWasReadMakesAndRegeneratesNothing(t *testing.T) {
	s := storetest.New(t)
	target := newKey(t, s, nil)
	for name, change := range map[string]func(apikey.Key) error{
		"revoked": func(k apikey.Key) error { _, err := s.RevokeKey(ctx, k, entry(audit.Revoked)); return err },
		"deleted": func(k apikey.Key) error { return s.DeleteKey(ctx, k, entry(audit.Deleted)) },
		"regenerated": func(k apikey.Key) error {
			_, err := s.RegenerateKey(ctx, k, "1:next", now.Unix()+60, entry(audit.Regenerated))
			return err
		},
	} {
		maker := newKey(t, s, nil)
		if err := change(maker); err != nil {
			t.Fatal(err)
		}
		k, err := tryToMake(s, by(maker))
		expect.Same(t, name+": making a key conflicts", errors.Is(err, store.ErrConflict), true)
		expect.Same(t, name+": the key", states(t, s, k), "gone")
		_, err = s.RegenerateKeyBy(ctx, by(maker), target, "1:next", 0, entry(audit.Regenerated))
		expect.Same(t, name+": regenerating a key conflicts", errors.Is(err, store.ErrConflict), true)
	}
	kept, err := s.Key(ctx, target.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the other key's hash", kept.Hash, target.Hash)
}

func TestTokenThatWasRevokedMakesNothing(t *testing.T) {
	s := storetest.New(t)
	token := by(newKey(t, s, func(k *apikey.Key) { k.RevokedTokens = map[string]int64{"JTI": now.Unix() + 60} }))
	token.TokenID = "JTI"
	_, err := tryToMake(s, token)
	expect.Same(t, "making a key conflicts", errors.Is(err, store.ErrConflict), true)
	token.TokenID = "another"
	if _, err = tryToMake(s, token); err != nil {
		t.Error(err)
	}
}

func TestKeyWhoseBoundsChangedSinceItWasReadIsNotRegenerated(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	for name, change := range map[string]func(*apikey.Key){
		"expiry":    func(k *apikey.Key) { k.ExpiresAt = now.Unix() + 60 },
		"addresses": func(k *apikey.Key) { k.AllowedIPs = []string{"192.0.2.0/24"} },
		"scopes":    func(k *apikey.Key) { k.Scopes = nil },
		"limit":     func(k *apikey.Key) { k.Write = 7 },
		"type":      func(k *apikey.Key) { k.Type = apikey.Client },
	} {
		read := k
		change(&read)
		if _, err := s.RegenerateKey(ctx, read, "1:next", 0, entry(audit.Regenerated)); !errors.Is(err, store.ErrConflict) {
			t.Errorf("%s: got %v, want ErrConflict", name, err)
		}
	}
	regenerates(t, s, apikey.Maker{}, k, 0)
}

func TestCascadeRevokesAllThatCameFromAKeyAndNothingElse(t *testing.T) {
	s := storetest.New(t)
	root := newKey(t, s, nil)
	a, b := makes(t, s, root), makes(t, s, root)
	deleted, aa := makes(t, s, root), makes(t, s, a)
	orphan := makes(t, s, deleted)
	if err := s.DeleteKey(ctx, deleted, entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
	strange := newKey(t, s, nil)
	strangers := makes(t, s, strange)

	expect.Same(t, "how many came from it", cascades(t, s, root), 4)
	expect.Same(t, "its own", states(t, s, root, a, b, deleted, aa, orphan), "revoked revoked revoked gone revoked revoked")
	expect.Same(t, "a stranger and its own", states(t, s, strange, strangers), "active active")
	expect.Same(t, "how many a repeated cascade revokes", cascades(t, s, root), 0)
	if log := actions(t, s, orphan.ID); !slices.Contains(log, audit.Revoked) {
		t.Errorf("the log of one that was revoked with its maker: %v", log)
	}
}

func TestCascadeRevokesKeysThatHaveTheSecretWhichItGaveThem(t *testing.T) {
	s := storetest.New(t)
	root := newKey(t, s, nil)
	taken := regenerates(t, s, by(root), newKey(t, s, nil), 0)
	takensOwn := makes(t, s, taken)

	back := newKey(t, s, nil)
	older := makes(t, s, back)
	back = regenerates(t, s, by(root), back, 0)
	younger := makes(t, s, back)
	back = regenerates(t, s, apikey.Maker{}, back, 0)

	inGrace := regenerates(t, s, by(root), newKey(t, s, nil), 0)
	inGrace = regenerates(t, s, apikey.Maker{}, inGrace, now.Unix()+60)

	cascades(t, s, root)
	expect.Same(t, "one that it regenerated, and what that made", states(t, s, taken, takensOwn), "revoked revoked")
	expect.Same(t, "one whose owner has replaced the secret", states(t, s, back), "active")
	expect.Same(t, "what was made with that secret", states(t, s, younger), "revoked")
	expect.Same(t, "what was made before", states(t, s, older), "active")
	expect.Same(t, "one whose replaced secret is still in its grace", states(t, s, inGrace), "revoked")
}

func TestCascadeEndsThoughKeysCameFromEachOther(t *testing.T) {
	s := storetest.New(t)
	maker := newKey(t, s, nil)
	made := makes(t, s, maker)
	sibling := makes(t, s, maker)
	maker = regenerates(t, s, by(made), maker, 0)
	cascades(t, s, made)
	expect.Same(t, "both, and what the maker made besides", states(t, s, made, maker, sibling), "revoked revoked revoked")
}

// A function may die between any two calls. What is left then is found by the next request, also
// under keys that were revoked by the first.
func TestCascadeGoesOnWhereItWasInterrupted(t *testing.T) {
	t.Parallel()
	s, wire := storetest.Wired(t)
	for calls := 0; ; calls++ {
		root := newKey(t, s, nil)
		var all []apikey.Key
		for range 3 {
			k := makes(t, s, root)
			all = append(all, k, makes(t, s, k))
		}
		if _, err := s.RevokeKey(ctx, root, entry(audit.Revoked)); err != nil {
			t.Fatal(err)
		}
		revoke := func() (int, error) {
			return s.RevokeAllFrom(ctx, root, func() audit.Entry { return entry(audit.Revoked) })
		}
		wire.Fail(append(make([]storetest.Fault, calls), storetest.Repeat(100, storetest.Refuse(400, "AccessDeniedException"))...)...)
		first, interrupted := revoke()
		wire.Fail()
		second, err := revoke()
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, fmt.Sprintf("after %d calls: all that came from it", calls), states(t, s, all...), "revoked revoked revoked revoked revoked revoked")
		expect.Same(t, fmt.Sprintf("after %d calls: how many both revoked", calls), first+second, len(all))
		if interrupted == nil {
			if calls < 3*len(all) {
				t.Errorf("a cascade of %d keys took %d calls: it is not interrupted between all of them", len(all), calls)
			}
			return
		}
	}
}

// Whatever is made while the maker is revoked: once that is answered, none of it is good.
func TestNothingMadeDuringACascadeEscapesIt(t *testing.T) {
	s := storetest.New(t)
	for round := range 20 {
		root := newKey(t, s, nil)
		var all sync.WaitGroup
		var mu sync.Mutex
		var made []apikey.Key
		for range 4 {
			all.Go(func() {
				maker := root
				for {
					k, err := tryToMake(s, by(maker))
					if err != nil {
						return
					}
					mu.Lock()
					made = append(made, k)
					mu.Unlock()
					if maker = k; k.Depth == apikey.MaxDepth {
						maker = root
					}
				}
			})
		}
		time.Sleep(time.Duration(round) * 2 * time.Millisecond)
		cascades(t, s, root)
		for _, k := range made {
			if got := states(t, s, k); got != "revoked" {
				t.Errorf("round %d: a key that came from a revoked one is %s", round, got)
			}
		}
		all.Wait()
		expect.Same(t, fmt.Sprintf("round %d: keys made after the cascade", round), strings.Count(states(t, s, made...), "active"), 0)
	}
}
