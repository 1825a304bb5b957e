package store_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// changed is a key after a change by a maker. The change is of the key as it is in the table.
func changed(t *testing.T, s *store.Store, maker apikey.Maker, k apikey.Key, change func(*apikey.Key)) apikey.Key {
	t.Helper()
	was := key(s, k)
	next := was
	change(&next)
	if err := s.ChangeKeyBy(ctx, maker, was, next, entry(audit.Updated)); err != nil {
		t.Fatal(err)
	}
	return key(s, k)
}

func disable(k *apikey.Key) { k.DisabledAt = &now }
func enable(k *apikey.Key)  { k.DisabledAt = nil }

func TestChangeOfAKeyChangesWhatItNamesAndNothingElse(t *testing.T) {
	s := storetest.New(t)
	full := func(k *apikey.Key) {
		k.Label, k.Scopes, k.Metadata = "label", []string{"read:stats", "write:stats"}, map[string]string{"a": "b"}
		k.AllowedIPs, k.ExpiresAt, k.Read, k.Write = []string{"192.0.2.0/24"}, now.Unix()+60, 5, 7
	}
	for name, change := range map[string]func(*apikey.Key){
		"label":       func(k *apikey.Key) { k.Label = "another" },
		"scopes":      func(k *apikey.Key) { k.Scopes = []string{"read:stats"} },
		"metadata":    func(k *apikey.Key) { k.Metadata = map[string]string{"c": "d"} },
		"no metadata": func(k *apikey.Key) { k.Metadata = nil },
		"addresses":   func(k *apikey.Key) { k.AllowedIPs = []string{"192.0.2.7/32"} },
		"all of them": func(k *apikey.Key) { k.AllowedIPs = nil },
		"expiry":      func(k *apikey.Key) { k.ExpiresAt = now.Unix() + 30 },
		"never":       func(k *apikey.Key) { k.ExpiresAt = 0 },
		"a limit":     func(k *apikey.Key) { k.Read = 6 },
		"no limit":    func(k *apikey.Key) { k.Write = 0 },
		"disabled":    disable,
	} {
		k := newKey(t, s, full)
		want := key(s, k)
		change(&want)
		got := changed(t, s, apikey.Maker{}, k, change)
		want.Head = got.Head
		expect.Same(t, name, fmt.Sprintf("%+v", shown(got)), fmt.Sprintf("%+v", shown(want)))
		expect.Same(t, name+": its entries", got.ChainSeq, 2)
	}
}

// shown is a key without pointers, so that two are compared by what they say.
func shown(k apikey.Key) any {
	disabled := k.DisabledAt != nil
	k.DisabledAt = nil
	return [2]any{k, disabled}
}

func TestOfTwoChangesFromTheSameStateOneConflicts(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	for name, first := range map[string]func() error{
		"a change": func() error {
			changed(t, s, apikey.Maker{}, k, func(k *apikey.Key) { k.Label += "x" })
			return nil
		},
		"a regeneration": func() error {
			_, err := s.RegenerateKey(ctx, key(s, k), "1:next", 0, entry(audit.Regenerated))
			return err
		},
		"a revocation": func() error { _, err := s.RevokeKey(ctx, key(s, k), entry(audit.Revoked)); return err },
		"a deletion":   func() error { return s.DeleteKey(ctx, key(s, k), entry(audit.Deleted)) },
	} {
		k = newKey(t, s, nil)
		was := key(s, k)
		next := was
		next.Scopes = []string{"read:offers"}
		if err := first(); err != nil {
			t.Fatal(err)
		}
		err := s.ChangeKeyBy(ctx, apikey.Maker{}, was, next, entry(audit.Updated))
		expect.Same(t, "after "+name+": it conflicts", errors.Is(err, store.ErrConflict), true)
	}
}

func TestMakerThatChangedSinceItWasReadChangesNothing(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	for name, change := range map[string]func(apikey.Key) error{
		"revoked":  func(m apikey.Key) error { _, err := s.RevokeKey(ctx, m, entry(audit.Revoked)); return err },
		"disabled": func(m apikey.Key) error { changed(t, s, apikey.Maker{}, m, disable); return nil },
		"narrowed": func(m apikey.Key) error {
			changed(t, s, apikey.Maker{}, m, func(k *apikey.Key) { k.ExpiresAt = now.Unix() + 60 })
			return nil
		},
	} {
		maker := newKey(t, s, nil)
		if err := change(maker); err != nil {
			t.Fatal(err)
		}
		was := key(s, k)
		next := was
		next.Label = name
		err := s.ChangeKeyBy(ctx, by(maker), was, next, entry(audit.Updated))
		expect.Same(t, name+": it conflicts", errors.Is(err, store.ErrConflict), true)
		_, err = tryToMake(s, by(maker))
		expect.Same(t, name+": making a key conflicts", errors.Is(err, store.ErrConflict), true)
	}
	expect.Same(t, "the label", key(s, k).Label, "test")
}

func TestCascadeRevokesKeysThatTheRevokedOneMadeMoreThanTheyWere(t *testing.T) {
	s := storetest.New(t)
	root := newKey(t, s, func(k *apikey.Key) { k.Scopes = []string{"read:offers", "read:stats"} })
	bound := func(k *apikey.Key) {
		k.ExpiresAt, k.AllowedIPs, k.Read, k.DisabledAt = now.Unix()+60, []string{"192.0.2.7/32"}, 5, nil
	}
	var all []apikey.Key
	for name, change := range map[string]func(*apikey.Key){
		"scopes":    func(k *apikey.Key) { k.Scopes = []string{"read:offers", "read:stats"} },
		"expiry":    func(k *apikey.Key) { k.ExpiresAt++ },
		"addresses": func(k *apikey.Key) { k.AllowedIPs = append(k.AllowedIPs, "192.0.2.8/32") },
		"limit":     func(k *apikey.Key) { k.Read++ },
		"enabled":   enable,
	} {
		k := newKey(t, s, func(k *apikey.Key) { bound(k); k.Label = name })
		if name == "enabled" {
			changed(t, s, apikey.Maker{}, k, disable)
		}
		all = append(all, changed(t, s, by(root), k, change))
	}
	less := changed(t, s, by(root), newKey(t, s, bound), func(k *apikey.Key) {
		k.Label, k.Read, k.ExpiresAt, k.Metadata = "another", 4, k.ExpiresAt-1, map[string]string{"a": "b"}
	})
	off := changed(t, s, by(root), newKey(t, s, bound), disable)
	expect.Same(t, "how many came from it", cascades(t, s, root), len(all))
	for _, k := range all {
		expect.Same(t, k.Label, states(t, s, k), "revoked")
	}
	expect.Same(t, "what it made no more, and what it disabled", states(t, s, less, off), "active disabled")
}

// A child's item expires with the child. If the child lives longer, a cascade must still find it.
func TestKeyThatLivesLongerStaysInTheCascadesOfItsMakers(t *testing.T) {
	s, read := readable(t)
	maker, giver := newKey(t, s, nil), newKey(t, s, nil)
	soon := func(k *apikey.Key) { k.ExpiresAt = now.Unix() + 60 }
	made := changed(t, s, apikey.Maker{}, makes(t, s, maker), soon)
	taken := entry(audit.Regenerated)
	taken.Actor = audit.Actor{Type: "key", ID: giver.ID}
	given, err := s.RegenerateKeyBy(ctx, by(giver), newKey(t, s, soon), "1:next", 0, taken)
	if err != nil {
		t.Fatal(err)
	}
	for _, until := range []int64{now.Unix() + 3600, 0} {
		later := func(k *apikey.Key) { k.ExpiresAt = until }
		made, given = changed(t, s, apikey.Maker{}, made, later), changed(t, s, apikey.Maker{}, given, later)
		for _, k := range [][2]apikey.Key{{maker, made}, {giver, given}} {
			child := read("KEY#"+k[0].ID, "CHILD#"+k[1].ID)
			expect.Same(t, "whose item it is", child["id"], any(k[1].ID))
			expires, _ := child["expires_at"].(float64)
			expect.Same(t, "it expires", int64(expires), until)
		}
	}
	cascades(t, s, maker)
	cascades(t, s, giver)
	expect.Same(t, "both", states(t, s, made, given), "revoked revoked")
}

func TestChangesAreInTheLogInTheirOrder(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	changed(t, s, apikey.Maker{}, k, disable)
	changed(t, s, apikey.Maker{}, k, enable)
	log := actions(t, s, k.ID)
	slices.Sort(log)
	expect.Same(t, "the log", fmt.Sprint(log), fmt.Sprint([]string{audit.Created, audit.Updated, audit.Updated}))
}
