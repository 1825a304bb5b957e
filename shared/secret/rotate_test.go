package secret_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/secret"
)

const (
	period   = 7 * 24 * time.Hour
	lifetime = 30 * 24 * time.Hour // of the longest-lived token
)

func parse(t *testing.T, text string) secret.Ring {
	t.Helper()
	ring, err := secret.ParseRing(text)
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func rotate(t *testing.T, ring secret.Ring, at time.Time) secret.Ring {
	t.Helper()
	next, err := ring.Rotate(at, func(_ string, since time.Time) bool { return at.Sub(since) < lifetime })
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, next.Text()) // as it is read again
}

func current(ring secret.Ring) string { version, _ := ring.Current(); return version }

func TestVersionIsKnownForAPeriodBeforeItIsUsedAndUntilTheLastTokenHasExpired(t *testing.T) {
	ring := parse(t, `{"current":"1","1":"`+one+`"}`)
	known := map[string]time.Time{"1": now} // when each version was first in the ring
	used := map[string]time.Time{}          // when each was last current
	at := now
	for range 20 {
		used[current(ring)] = at.Add(period)
		at = at.Add(period)
		before := ring
		ring = rotate(t, ring, at)
		if !ring.Follows(before) {
			t.Fatalf("at %s the ring %v follows %v", at, ring.Versions(), before.Versions())
		}
		for _, version := range ring.Versions() {
			if _, ok := known[version]; !ok {
				known[version] = at
			}
		}
		if since := known[current(ring)]; current(ring) != "1" && at.Sub(since) < period {
			t.Errorf("%s is current, but is in the ring only since %s", current(ring), since)
		}
		for version, last := range used {
			_, there := ring.Version(version)
			if want := version == current(ring) || at.Sub(last) < lifetime; there != want {
				t.Errorf("at %s: the ring has %s, last current at %s: %t", at, version, last, there)
			}
		}
	}
	if len(used) != 20-1 {
		t.Errorf("20 rotations used %d versions: %v", len(used), slices.Sorted(maps.Keys(used)))
	}
	if n := len(ring.Versions()); n > int(lifetime/period)+3 {
		t.Errorf("the ring has grown to %d versions", n)
	}
}

func TestEachNewVersionIsAStrongSecretOfItsOwn(t *testing.T) {
	ring := parse(t, `{"current":"1","1":"`+one+`"}`)
	seen := map[string]bool{}
	for i := range 5 {
		ring = rotate(t, ring, now.Add(time.Duration(i)*period))
		spare := ring.Versions()[len(ring.Versions())-1]
		value, _ := ring.Version(spare)
		if len(value) < 64 || seen[string(value)] {
			t.Errorf("rotation %d made a value of %d characters, seen before: %t", i, len(value), seen[string(value)])
		}
		seen[string(value)] = true
	}
}

func TestRotationThatIsRepeatedTooSoonChangesNothing(t *testing.T) {
	ring := rotate(t, parse(t, `{"current":"1","1":"`+one+`"}`), now)
	soon := rotate(t, ring, now.Add(secret.Settled-time.Second))
	if soon.Text() != ring.Text() {
		t.Errorf("from %v it went to %v", ring.Versions(), soon.Versions())
	}
	if later := rotate(t, ring, now.Add(secret.Settled)); current(later) == "1" {
		t.Error("it changes nothing later either")
	}
}

func TestVersionsMadeByHandAreRotatedAwayToo(t *testing.T) {
	ring := parse(t, `{"current":"10","10":"`+one+`","9":"`+two+`"}`)
	for i := range 8 {
		ring = rotate(t, ring, now.Add(time.Duration(i)*period))
	}
	for _, version := range []string{"9", "10"} {
		if _, ok := ring.Version(version); ok {
			t.Errorf("%s is still there: %v", version, ring.Versions())
		}
	}
}

func TestCurrentVersionOfUnknownAgeIsNotRotated(t *testing.T) {
	ring := rotate(t, rotate(t, parse(t, `{"current":"1","1":"`+one+`"}`), now), now.Add(period))
	byHand := parse(t, strings.Replace(ring.Text(), `"current":"`+current(ring)+`"`, `"current":"1"`, 1))
	if next, err := byHand.Rotate(now.Add(2*period), func(string, time.Time) bool { return true }); err == nil {
		t.Errorf("it became %v", next.Versions())
	}
}

func TestRingThatLosesWhatIsInUseDoesNotFollow(t *testing.T) {
	before := parse(t, `{"current":"1","1":"`+one+`","2":"`+two+`"}`)
	for name, text := range map[string]string{
		"without the version in use": `{"current":"2","2":"` + two + `"}`,
		"with another value":         `{"current":"2","1":"` + two + `","2":"` + two + `"}`,
		"with an unknown version":    `{"current":"3","1":"` + one + `","3":"` + two + `"}`,
	} {
		if parse(t, text).Follows(before) {
			t.Errorf("a ring %s follows", name)
		}
	}
}
