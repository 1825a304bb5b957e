package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/tests/expect"
)

const (
	pepper1 = `"1":"11111111111111111111111111111111"`
	pepper2 = `"2":"22222222222222222222222222222222"`
)

// A vault is the pepper in Secrets Manager: a test changes it, breaks it and counts its reads.
type vault struct {
	text  string
	fault error
	reads int
}

// withPepper has a world check keys with a pepper that the test can rotate.
func withPepper(t *testing.T) (*world, *vault) {
	t.Helper()
	w, v := newWorld(t, modeFunction), &vault{text: `{"current":"1",` + pepper1 + `}`}
	source := secret.NewSource(func(context.Context) (string, error) { v.reads++; return v.text, v.fault }, func() time.Time { return w.now })
	w.authn = authn.New(w.store, w.tokens, source, w.limits.For(ratelimit.Auth))
	return w, v
}

// hashed makes a key whose hash is of that ring, as another process that has it would.
func (w *world) hashed(ring string) event {
	w.t.Helper()
	r, err := secret.ParseRing(ring)
	if err != nil {
		w.t.Fatal(err)
	}
	k := apikey.Key{ID: apikey.NewID(), Label: "test", Type: apikey.Scoped, Owner: "usr_A", Project: "prj_A", Generation: 1, CreatedAt: now}
	full := apikey.New("gf_", k.ID)
	k.Hash = r.MAC(full)
	if err := w.store.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
		w.t.Fatal(err)
	}
	return get("X-Api-Key: " + full)
}

func TestRotatingThePepperRefusesNoKeyNotEvenTheFirstNewOne(t *testing.T) {
	w, v := withPepper(t)
	old := w.hashed(v.text)
	expect.Same(t, "the old key before the rotation", w.refusal(old), "")
	v.text = `{"current":"2",` + pepper1 + `,` + pepper2 + `}`
	fresh := w.hashed(v.text)
	w.wire.Calls()
	expect.Same(t, "the new key a moment after the rotation", w.refusal(fresh), "")
	if calls := w.wire.Calls(); len(calls) != 2 {
		t.Errorf("its first check makes %v, want two calls", calls)
	}
	expect.Same(t, "reads of the secret", v.reads, 2)
	for name, r := range map[string]event{"old": old, "new": fresh, "another new": w.hashed(v.text)} {
		w.wire.Calls()
		expect.Same(t, "then the "+name+" key", w.refusal(r), "")
		if calls := w.wire.Calls(); !slices.Equal(calls, []string{"UpdateItem"}) {
			t.Errorf("then the check of the %s key makes %v", name, calls)
		}
	}
	expect.Same(t, "reads of the secret in the end", v.reads, 2)
}

func TestHashOfAnUnknownPepperIsRefusedAndCausesOneReadInTenSeconds(t *testing.T) {
	w, v := withPepper(t)
	stranger := w.hashed(`{"current":"2",` + pepper2 + `}`)
	for range 20 {
		expect.Same(t, "a key whose pepper is gone", w.refusal(stranger), "API_KEY_INVALID")
	}
	expect.Same(t, "reads in the same second", v.reads, 2)
	w.now = w.now.Add(10 * time.Second)
	expect.Same(t, "ten seconds later", w.refusal(stranger), "API_KEY_INVALID")
	expect.Same(t, "reads ten seconds later", v.reads, 3)
	unknown := get("X-Api-Key: " + apikey.New("gf_", apikey.NewID()))
	w.now = w.now.Add(10 * time.Second)
	expect.Same(t, "a key that does not exist", w.refusal(unknown), "API_KEY_INVALID")
	expect.Same(t, "reads for a key that does not exist", v.reads, 3)
}

// The key may well be good, so the caller is not told that it is not.
func TestKeyIsNotJudgedWhileItsPepperCannotBeRead(t *testing.T) {
	w, v := withPepper(t)
	old, fresh := w.hashed(v.text), w.hashed(`{"current":"2",`+pepper2+`}`)
	expect.Same(t, "the old key", w.refusal(old), "")
	v.fault = errors.New("down")
	for range 3 {
		expect.Same(t, "the new key while the secret cannot be read", w.refusal(fresh), "SERVICE_UNAVAILABLE")
		expect.Same(t, "the old key while the secret cannot be read", w.refusal(old), "")
	}
	expect.Same(t, "reads while it cannot be read", v.reads, 2)
	v.fault, v.text = nil, strings.Replace(v.text, pepper1, pepper1+","+pepper2, 1)
	w.now = w.now.Add(10 * time.Second)
	expect.Same(t, "the new key when it can be read again", w.refusal(fresh), "")
}
