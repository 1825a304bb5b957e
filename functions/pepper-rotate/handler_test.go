package main

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/rotation"
	"github.com/latchkey/latchkey/shared/rotation/rotationtest"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

const period = 24 * time.Hour

func TestPepperIsDroppedWhenNoUsableKeyHasIt(t *testing.T) {
	m := rotationtest.New(`{"current":"1","1":"a secret for tests, of more than 32 bytes"}`)
	now := time.Now()
	h := handler{store: storetest.New(t), now: func() time.Time { return now }}
	h.rotator = rotation.New(m, rotationtest.ARN, h.next)
	create := func(change func(*apikey.Key)) apikey.Key {
		k := apikey.Key{ID: apikey.NewID(), Type: apikey.Scoped, Owner: "usr_A", Project: "prj_A", Hash: "1:hash", Generation: 1, CreatedAt: now}
		change(&k)
		if err := h.store.CreateKey(t.Context(), k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
			t.Fatal(err)
		}
		return k
	}
	used := create(func(*apikey.Key) {})
	create(func(k *apikey.Key) { k.RevokedAt = &now })
	create(func(k *apikey.Key) { k.ExpiresAt = now.Unix() })
	create(func(k *apikey.Key) { k.Hash, k.PrevHash, k.PrevUntil = "9:hash", "1:hash", now.Add(period).Unix() })
	storetest.AwaitIndex()

	rotate := func() []string {
		rotationtest.Rotate(t, func(ctx context.Context, in rotation.Request) error {
			_, err := h.serve(ctx, in)
			return err
		})
		text, _ := m.Text(t.Context())
		ring, err := secret.ParseRing(text)
		if err != nil {
			t.Fatal(err)
		}
		now = now.Add(period)
		return ring.Versions()
	}
	wantCount := func(when string, want int) {
		t.Helper()
		keys, err := h.serve(t.Context(), rotation.Request{})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := keys["1"]; got != want || !ok {
			t.Errorf("%s: %d keys need version 1, want %d: %v", when, got, want, keys)
		}
	}
	wantCount("at first", 2)
	for range 4 {
		if versions := rotate(); !slices.Contains(versions, "1") {
			t.Fatalf("a key has version 1, and the ring %v", versions)
		}
	}
	wantCount("after the grace", 1)
	if err := h.store.Rehash(t.Context(), used.ID, "1:hash", "2:hash"); err != nil {
		t.Fatal(err)
	}
	wantCount("after the last one was used", 0)
	if versions := rotate(); slices.Contains(versions, "1") {
		t.Errorf("no key has version 1, and the ring %v", versions)
	}
}
