package main

import (
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/tests/expect"
)

// imported makes a key that another product gave out, with the salt before it.
func (w *world) imported(key, salt string) apikey.Key {
	w.t.Helper()
	id, _, err := apikey.Locate(key)
	if err != nil {
		w.t.Fatal(err)
	}
	k := apikey.Key{
		ID: id, Label: "test", Type: apikey.Scoped, Prefix: "gf_", Owner: "usr_A", Project: "prj_A",
		Scopes: []string{"read:events"}, Generation: 1, CreatedAt: now, Salt: apikey.Salt{Salt: []byte(salt)},
	}
	sum := sha256.Sum256([]byte(salt + key))
	k.Hash = apikey.Unpeppered(sum[:], salt != "")
	if created, err := w.store.ImportKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); !created || err != nil {
		w.t.Fatal(created, err)
	}
	return k
}

// calls checks a key, and returns the calls to DynamoDB that it took.
func (w *world) calls(key, refusal string) []string {
	w.t.Helper()
	w.wire.Calls()
	expect.Same(w.t, "the check of "+key, w.refusal(get("X-Api-Key: "+key)), refusal)
	return w.wire.Calls()
}

const (
	foreign = "shop_live_8f3kQ0vT2mXc04aB"
	dotted  = "9d2mXc04.8f3kQ0vT2mXc04aBcdef"
)

func TestImportedKeyIsCheckedInOneCallTheFirstTimeToo(t *testing.T) {
	w := newWorld(t, modeFunction)
	for _, key := range []string{foreign, dotted} {
		w.imported(key, "")
		for range 3 {
			if calls := w.calls(key, ""); !slices.Equal(calls, []string{"UpdateItem"}) {
				t.Errorf("the check of %s makes %v", key, calls)
			}
		}
		other := key[:len(key)-1] + "_"
		if calls := w.calls(other, "API_KEY_INVALID"); len(calls) != 2 { // the second counts the guess
			t.Errorf("the check of %s makes %v", other, calls)
		}
	}
}

func TestSaltedKeyTakesASecondCallUntilItsFirstUseIsRehashed(t *testing.T) {
	w := newWorld(t, modeFunction)
	k := w.imported(dotted, "salt")
	if calls := w.calls(dotted, ""); !slices.Equal(calls, []string{"UpdateItem", "UpdateItem"}) {
		t.Errorf("the first check makes %v", calls)
	}
	if err := w.store.Rehash(ctx, k.ID, k.Hash, w.ring.MAC(dotted)); err != nil {
		t.Fatal(err)
	}
	if calls := w.calls(dotted, ""); !slices.Equal(calls, []string{"UpdateItem"}) {
		t.Errorf("the check after that makes %v", calls)
	}
	after, err := w.store.Key(ctx, k.ID)
	if err != nil || after.Salt.Salt != nil {
		t.Errorf("the salt is still there: %q, %v", after.Salt.Salt, err)
	}
	expect.Same(t, "another secret", w.refusal(get("X-Api-Key: "+dotted+"x")), "API_KEY_INVALID")
}

func TestFirstUseOfAnImportedKeyStatesItsHashUnderThePepper(t *testing.T) {
	w := newWorld(t, modeFunction)
	for key, salt := range map[string]string{foreign: "", dotted: "salt"} {
		k := w.imported(key, salt)
		identity, err := w.authn.IdentifyKey(ctx, key, authn.Request{Now: now})
		if err != nil || identity.Key.Rehash == nil {
			t.Fatalf("%s: %v", key, err)
		}
		expect.Same(t, "from", identity.Key.Rehash.From, k.Hash)
		expect.Same(t, "to", identity.Key.Rehash.To, w.ring.MAC(key))
	}
}

func TestRegeneratedImportedKeyIsOneOfOursAndTheOldOneEndsWithItsGrace(t *testing.T) {
	w := newWorld(t, modeFunction)
	for key, salt := range map[string]string{foreign: "", dotted: "salt"} {
		k := w.imported(key, salt)
		full := apikey.New(k.Prefix, k.ID)
		next, err := w.store.RegenerateKey(ctx, k, w.ring.MAC(full), now.Add(time.Hour).Unix(), audit.New(audit.Regenerated, audit.Source{Now: now}, time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "masked", next.Masked, apikey.Mask(full))
		expect.Same(t, "the new secret", w.refusal(get("X-Api-Key: "+full)), "")
		expect.Same(t, "the old one in its grace", w.refusal(get("X-Api-Key: "+key)), "")
		w.now = now.Add(2 * time.Hour)
		expect.Same(t, "the old one after it", w.refusal(get("X-Api-Key: "+key)), "API_KEY_INVALID")
		expect.Same(t, "the new secret then", w.refusal(get("X-Api-Key: "+full)), "")
		w.now = now
	}
}

func TestImportedKeyIsRevokedAndLimitedLikeAnyOther(t *testing.T) {
	w := newWorld(t, modeFunction)
	k := w.imported(foreign, "")
	for range 50 {
		w.calls(foreign, "")
	}
	w.calls(foreign, "RATE_LIMIT_EXCEEDED")
	w.now = now.Add(time.Minute)
	if _, err := w.store.RevokeKey(ctx, k, audit.New(audit.Revoked, audit.Source{Now: now}, time.Hour)); err != nil {
		t.Fatal(err)
	}
	w.calls(foreign, "API_KEY_REVOKED")
}

// Who knows a key's public id can make a text of our form with it, and one of another form.
func TestNothingButTheImportedKeyItselfOpensIt(t *testing.T) {
	w := newWorld(t, modeFunction)
	k := w.imported(dotted, "")
	_, full := w.key(nil)
	w.calls(apikey.New("gf_", k.ID), "API_KEY_INVALID")
	w.calls("9d2mXc04."+strings.Repeat("x", 20), "API_KEY_INVALID")
	w.calls("salt"+dotted, "API_KEY_INVALID")
	if calls := w.calls(full[:len(full)-1]+"?", "API_KEY_INVALID"); len(calls) != 0 {
		t.Errorf("what can be no key is looked for: %v", calls)
	}
	mistyped := full[:len(full)-1] + map[bool]string{true: "1", false: "0"}[full[len(full)-1] == '0']
	if calls := w.calls(mistyped, "API_KEY_INVALID"); len(calls) != 0 {
		t.Errorf("a key of ours with a wrong checksum is looked for: %v", calls)
	}
}
