package password

import (
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

var dear = Cost{Memory: 38 * 1024, Passes: 3}

func TestHashOfALowerCostMatchesAndIsStale(t *testing.T) {
	for _, row := range []struct {
		name        string
		made, asked Cost
		stale       bool
	}{
		{"the same cost", Minimum, Minimum, false},
		{"the cost was raised", Minimum, dear, true},
		{"the cost was lowered", dear, Minimum, false},
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

func TestTheCheckOfAStaleHashIsToppedUpToTheFullCost(t *testing.T) {
	for _, was := range []Cost{Minimum, {Memory: 30 * 1024, Passes: 3}, {Memory: 19 * 1024, Passes: 5}} {
		rest := dear.beyond(was)
		if done := was.work() + rest.work(); done > dear.work() || done+uint64(dear.Passes) < dear.work() {
			t.Errorf("of %+v the check does %d, want %d", was, done, dear.work())
		}
	}
	expect.Same(t, "beyond the same cost", dear.beyond(dear), Cost{})
	expect.Same(t, "beyond a higher cost", Minimum.beyond(dear), Cost{})
}
