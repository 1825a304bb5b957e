package main

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestOldSecretOfARegenerationIsEndedAndNeverProlonged(t *testing.T) {
	w := newWorld(t)
	until := w.now.Add(time.Hour)
	k := w.key(func(k *apikey.Key) { k.PrevHash, k.PrevUntil, k.Generation = "1:old", until.Unix(), 2 })
	expect.Same(t, "shown before", *k.View(w.now).OldUntil, until)
	for _, wrong := range []string{`"2030-01-01T00:00:00Z"`, `false`, `0`} {
		a := w.patch(member(), k.ID, `{"previous_valid_until":`+wrong+`}`)
		expect.Same(t, wrong, a.Status, 422)
	}
	a := w.patch(member(), k.ID, `{"previous_valid_until":null}`)
	expect.Same(t, "status", a.Status, 200)
	expect.Same(t, "shown after", a.JSON(t)["previous_valid_until"], nil)
	after := w.read(k.ID)
	if after.CheckHash([]string{"1:old"}, w.now) == nil {
		t.Error("the old secret is good")
	}
	if err := after.CheckHash([]string{"1:hash"}, w.now); err != nil {
		t.Errorf("the new secret: %v", err)
	}
	entries := w.log(k.ID)
	expect.Same(t, "from", entries[0].Detail["previous_valid_until_from"], until.Format(time.RFC3339))
	expect.Same(t, "to", entries[0].Detail["previous_valid_until_to"], "none")
}
