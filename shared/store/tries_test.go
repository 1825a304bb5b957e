package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

var trying = ratelimit.Limit{Category: ratelimit.Auth, Max: 3, Window: time.Minute}

// guess uses up the tries from an address, and returns how long it has to wait then.
func guess(t *testing.T, s *store.Store, at time.Time) time.Duration {
	t.Helper()
	for i := range trying.Max + 1 {
		_, state, err := s.CountTry(ctx, "ann@example.com", "192.0.2.7", trying, at)
		if i < trying.Max {
			if err != nil {
				t.Fatalf("try %d of %d: %v", i+1, trying.Max, err)
			}
			continue
		}
		if !errors.Is(err, store.ErrLimited) {
			t.Fatalf("a try too many: %v", err)
		}
		expect.Same(t, "the number that remain", state.Remaining, 0)
		expect.Same(t, "the window", state.Window, state.RetryAfter)
		return time.Duration(state.RetryAfter) * time.Second
	}
	return 0
}

func TestWhoGoesOnGuessingWaitsTwiceAsLongEachTime(t *testing.T) {
	s := storetest.New(t)
	at := now
	for _, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		wait := guess(t, s, at)
		expect.Same(t, "the wait", wait, want*time.Minute)
		at = at.Add(wait)
	}
	expect.Same(t, "the wait after an hour's rest", guess(t, s, at.Add(time.Hour)), time.Minute)
}

func TestALoginForgetsTheTriesAndIsRemembered(t *testing.T) {
	s := storetest.New(t)
	known := func(at time.Time) bool {
		t.Helper()
		known, _, err := s.CountTry(ctx, "ann@example.com", "192.0.2.7", trying, at)
		if err != nil {
			t.Fatal(err)
		}
		return known
	}
	guess(t, s, now)
	if _, err := s.SignedIn(ctx, "ann@example.com", "192.0.2.7", "browser", now); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the address is known", known(now), true)
	expect.Same(t, "the address is known after 89 days", known(now.Add(89*24*time.Hour)), true)
	expect.Same(t, "the address is known after 90 days", known(now.Add(90*24*time.Hour)), false)
	for _, other := range [][2]string{{"bob@example.com", "192.0.2.7"}, {"ann@example.com", "192.0.2.8"}} {
		known, _, err := s.CountTry(ctx, other[0], other[1], trying, now)
		if err != nil {
			t.Fatalf("%v: %v", other, err)
		}
		if known {
			t.Errorf("%v is known", other)
		}
	}
}

func TestConcurrentTriesAreNeverMoreThanTheLimit(t *testing.T) {
	s := storetest.New(t)
	for _, at := range []time.Time{now, now.Add(time.Minute)} { // a first window, and one that follows
		var admitted atomic.Int32
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				switch _, _, err := s.CountTry(ctx, "ann@example.com", "192.0.2.7", trying, at); {
				case err == nil:
					admitted.Add(1)
				case !errors.Is(err, store.ErrLimited):
					t.Error(err)
				}
			})
		}
		all.Wait()
		expect.Same(t, "the tries that were admitted", int(admitted.Load()), trying.Max)
	}
}

func TestADeviceIsKnownAtTheAddressWhereItSignedIn(t *testing.T) {
	s := storetest.New(t)
	signIn := func(address, device string, at time.Time) bool {
		t.Helper()
		known, err := s.SignedIn(ctx, "ann@example.com", address, device, at)
		if err != nil {
			t.Fatal(err)
		}
		return known
	}
	expect.Same(t, "the first time", signIn("192.0.2.7", "browser", now), false)
	expect.Same(t, "again", signIn("192.0.2.7", "browser", now), true)
	expect.Same(t, "another device", signIn("192.0.2.7", "telephone", now), false)
	expect.Same(t, "both are known", signIn("192.0.2.7", "browser", now) && signIn("192.0.2.7", "telephone", now), true)
	expect.Same(t, "elsewhere", signIn("192.0.2.8", "browser", now), false)
	expect.Same(t, "after 90 days", signIn("192.0.2.7", "browser", now.Add(90*24*time.Hour)), false)
}
