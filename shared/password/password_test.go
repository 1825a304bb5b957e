package password_test

import (
	"slices"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/tests/expect"
)

var dear = password.Cost{Memory: 38 * 1024, Passes: 3}

func TestHashOfALowerCostMatchesAndIsStale(t *testing.T) {
	for _, row := range []struct {
		name        string
		made, asked password.Cost
		stale       bool
	}{
		{"the same cost", password.Minimum, password.Minimum, false},
		{"the cost was raised", password.Minimum, dear, true},
		{"the cost was lowered", dear, password.Minimum, false},
	} {
		hash, err := row.made.Hash("correct horse")
		if err != nil {
			t.Fatal(err)
		}
		matches, stale, err := row.asked.Matches("correct horse", hash)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, row.name+": the right password matches", matches, true)
		expect.Same(t, row.name+": the hash is stale", stale, row.stale)
		matches, _, err = row.asked.Matches("wrong horse", hash)
		expect.Same(t, row.name+": a wrong password matches", matches, false)
		expect.Same(t, row.name+": the error", err, nil)
	}
	matches, stale, err := dear.Matches("correct horse", "")
	expect.Same(t, "nobody's password matches", matches, false)
	expect.Same(t, "nobody's hash is stale", stale, false)
	expect.Same(t, "the error", err, nil)
}

// The machine may be busy, so the fastest of some runs are compared, and generously.
func TestStaleHashTakesAsLongAsNobodys(t *testing.T) {
	hash, err := password.Minimum.Hash("correct horse")
	if err != nil {
		t.Fatal(err)
	}
	fastest := func(hash string) time.Duration {
		var took []time.Duration
		for range 5 {
			began := time.Now()
			if _, _, err := dear.Matches("wrong horse", hash); err != nil {
				t.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
		return slices.Min(took)
	}
	stale, nobody := fastest(hash), fastest("")
	if ratio := stale.Seconds() / nobody.Seconds(); ratio < 0.7 || ratio > 1.4 {
		t.Errorf("a stale hash takes %s, nobody's %s", stale, nobody)
	}
}
