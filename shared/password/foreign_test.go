package password

import (
	"slices"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

// A guesser must not learn from the time which addresses were imported. A hash that costs more than
// ours cannot be hidden.
func TestCheckOfACheapImportedHashTakesAsLongAsThatOfNobody(t *testing.T) {
	stored, err := Import("$2b$04$V.YRs5h0DTLh/8ukNWpc6ucwWOcApcCM1mSAOSckOG0MR9rU52unq")
	if err != nil {
		t.Fatal(err)
	}
	fastest := func(hash string) time.Duration { // the others were interrupted by other processes
		var times []time.Duration
		for range 5 {
			began := time.Now()
			matches, _, err := Minimum.Matches("a guess", hash)
			times = append(times, time.Since(began))
			expect.Same(t, "matches", matches, false)
			expect.Same(t, "error", err, nil)
		}
		return slices.Min(times)
	}
	nobody := fastest("")
	if got := fastest(stored); got < nobody/2 {
		t.Errorf("an imported hash takes %v, nobody's %v", got, nobody)
	}
}

func TestHashThatIsOfNoKindIsNotStored(t *testing.T) {
	if stored, err := Import("correct horse"); err == nil || stored != "" {
		t.Errorf("%q, %v", stored, err)
	}
}
