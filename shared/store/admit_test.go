package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

var (
	good    = []string{"1:hash"}
	reading = ratelimit.Limit{Category: ratelimit.Read, Max: 20, Window: time.Minute}
	windows = func(n int) time.Time { return now.Add(time.Duration(n) * time.Minute) }
)

// patient is a store whose attempts end only with their answer: on a busy machine one
// that is given up may be refused, because nobody knows whether it was counted.
func patient(t *testing.T) *store.Store {
	t.Helper()
	s, _ := storetest.Wired(t)
	return s
}

// crowd has 50 callers check the key at once, each by its own clock, and counts those
// admitted.
func crowd(t *testing.T, s *store.Store, id string, limit ratelimit.Limit, clock func(caller int) time.Time) int {
	t.Helper()
	var admitted atomic.Int32
	var all sync.WaitGroup
	for caller := range 50 {
		all.Go(func() {
			_, _, err := s.CheckKey(context.Background(), id, good, &limit, clock(caller))
			switch {
			case err == nil:
				admitted.Add(1)
			case !errors.Is(err, store.ErrLimited):
				t.Errorf("neither admitted nor limited: %v", err)
			}
		})
	}
	all.Wait()
	return int(admitted.Load())
}

func at(moment time.Time) func(int) time.Time { return func(int) time.Time { return moment } }

func TestExactlyTheLimitIsAdmittedInEveryWindow(t *testing.T) {
	s := patient(t)
	k := newKey(t, s, nil)
	for _, window := range []int{0, 1, 2, 5, 5 + 30, 5 + 30 + 31, 1000} {
		if n := crowd(t, s, k.ID, reading, at(windows(window))); n != reading.Max {
			t.Errorf("window %d: %d of 50 were admitted, want %d", window, n, reading.Max)
		}
	}
}

func TestExactlyTheLimitIsAdmittedWhereTheSlotIsTaken(t *testing.T) {
	s := patient(t)
	k := newKey(t, s, nil)
	for turn := range 4 {
		if n := crowd(t, s, k.ID, reading, at(windows(31*turn))); n != reading.Max {
			t.Errorf("%d windows on: %d of 50 were admitted, want %d", 31*turn, n, reading.Max)
		}
	}
}

func TestKeysOwnLimitGoesBeforeTheDefault(t *testing.T) {
	for _, own := range []int{1, 7, 33} {
		s := patient(t)
		k := newKey(t, s, func(k *apikey.Key) { k.Read = own })
		if n := crowd(t, s, k.ID, reading, at(now)); n != own {
			t.Errorf("limit of its own %d: %d were admitted", own, n)
		}
		_, state, _ := s.CheckKey(context.Background(), k.ID, good, &reading, now)
		expect.Same(t, "the state's limit", state.Max, own)
		expect.Same(t, fmt.Sprintf("what remains of %d", own), state.Remaining, 0)
	}
}

func TestCategoriesAreCountedApart(t *testing.T) {
	s := patient(t)
	k := newKey(t, s, nil)
	writing := ratelimit.Limit{Category: ratelimit.Write, Max: 3, Window: time.Minute}
	if n := crowd(t, s, k.ID, writing, at(now)); n != 3 {
		t.Errorf("writes: %d", n)
	}
	if n := crowd(t, s, k.ID, reading, at(now)); n != reading.Max {
		t.Errorf("reads: %d", n)
	}
}

// A clock that lags may find that its window is over: it counts in the one that runs.
func TestClocksThatDisagreeAdmitNoMoreThanTheLimit(t *testing.T) {
	for _, lag := range []int{1, 2, 10, 30, 31, 32, 62, 24 * 60} {
		s := patient(t)
		k := newKey(t, s, nil)
		later, earlier := windows(0), windows(-lag)
		n := crowd(t, s, k.ID, reading, func(caller int) time.Time {
			if caller%2 == 0 {
				return later
			}
			return earlier
		})
		// The earlier window may have filled before the later one began.
		if n > 2*reading.Max {
			t.Errorf("%d windows apart: %d were admitted in two windows", lag, n)
		}
		if n := crowd(t, s, k.ID, reading, at(earlier)); n != 0 {
			t.Errorf("%d windows apart: %d more were admitted by a clock that lags", lag, n)
		}
		if n := crowd(t, s, k.ID, reading, at(later)); n != 0 {
			t.Errorf("%d windows apart: a full window admitted %d more", lag, n)
		}
	}
}

func TestLengthOfAWindowMayBeChanged(t *testing.T) {
	s := patient(t)
	k := newKey(t, s, nil)
	for _, length := range []time.Duration{time.Minute, time.Hour, 24 * time.Hour, time.Second, 61 * time.Second, time.Minute} {
		limit := ratelimit.Limit{Category: ratelimit.Read, Max: 20, Window: length}
		if n := crowd(t, s, k.ID, limit, at(now)); n != limit.Max {
			t.Errorf("window of %s: %d were admitted", length, n)
		}
	}
}

func TestStateCountsDownAndRetryAfterIsTrue(t *testing.T) {
	s := patient(t)
	k := newKey(t, s, nil)
	limit := ratelimit.Limit{Category: ratelimit.Read, Max: 2, Window: time.Minute}
	moment := time.Date(2030, 1, 2, 3, 4, 57, 500e6, time.UTC) // 2.5 s to the end
	for i, want := range []struct {
		remaining int
		err       error
	}{{1, nil}, {0, nil}, {0, store.ErrLimited}} {
		_, state, err := s.CheckKey(context.Background(), k.ID, good, &limit, moment)
		if !errors.Is(err, want.err) {
			t.Errorf("request %d: %v, want %v", i+1, err, want.err)
		}
		expect.Same(t, fmt.Sprintf("what remains after request %d", i+1), state.Remaining, want.remaining)
		expect.Same(t, fmt.Sprintf("Retry-After of request %d", i+1), state.RetryAfter, 3)
	}
	if _, _, err := s.CheckKey(context.Background(), k.ID, good, &limit, moment.Add(3*time.Second)); err != nil {
		t.Errorf("after Retry-After: %v", err)
	}
}

func TestRefusedCredentialDoesNotCount(t *testing.T) {
	s := patient(t)
	k := newKey(t, s, nil)
	for range 30 {
		if _, _, err := s.CheckKey(context.Background(), k.ID, []string{"1:wrong"}, &reading, now); !errors.Is(err, apikey.ErrInvalid) {
			t.Fatalf("got %v", err)
		}
	}
	if n := crowd(t, s, k.ID, reading, at(now)); n != reading.Max {
		t.Errorf("%d were admitted", n)
	}
}

func newSession(t *testing.T, s *store.Store) session.Session {
	t.Helper()
	ses := session.New(user.New("a@example.com", user.Member, now), time.Hour, "192.0.2.7", "test", now)
	if err := s.CreateSession(context.Background(), ses, entry(audit.SignedIn)); err != nil {
		t.Fatal(err)
	}
	return ses
}

func TestEveryCheckIsOneCall(t *testing.T) {
	s, wire := storetest.Wired(t)
	k, parent, ses := newKey(t, s, nil), newKey(t, s, nil), newSession(t, s)
	once := ratelimit.Limit{Category: ratelimit.Read, Max: 1, Window: time.Minute}
	ctx := context.Background()
	checks := map[string]func(l *ratelimit.Limit, now time.Time) error{
		"key": func(l *ratelimit.Limit, now time.Time) error {
			_, _, err := s.CheckKey(ctx, k.ID, good, l, now)
			return err
		},
		"wrong secret": func(l *ratelimit.Limit, now time.Time) error {
			_, _, err := s.CheckKey(ctx, k.ID, []string{"1:wrong"}, l, now)
			return err
		},
		"unknown key": func(l *ratelimit.Limit, now time.Time) error {
			_, _, err := s.CheckKey(ctx, apikey.NewID(), good, l, now)
			return err
		},
		"session token": func(l *ratelimit.Limit, now time.Time) error {
			_, _, err := s.CheckSession(ctx, ses.ID, l, now)
			return err
		},
		"client token": func(l *ratelimit.Limit, now time.Time) error {
			_, _, err := s.CheckToken(ctx, clientToken(parent.ID, 1), store.Count{Limit: l, Cost: 1}, now)
			return err
		},
	}
	wire.Calls()
	for name, check := range checks {
		_ = check(nil, now)
		if calls := wire.Calls(); !slices.Equal(calls, []string{"GetItem"}) {
			t.Errorf("%s, not limited: %v", name, calls)
		}
		for turn, moment := range []time.Time{now, now, now.Add(time.Minute), now.Add(3 * time.Minute)} {
			_ = check(&once, moment)
			if calls := wire.Calls(); !slices.Equal(calls, []string{"UpdateItem"}) {
				t.Errorf("%s, limited, request %d: %v", name, turn+1, calls)
			}
		}
	}
}

func TestPublicCountIsExact(t *testing.T) {
	s := patient(t)
	for window := range 3 {
		var admitted atomic.Int32
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() {
				_, err := s.CountPublic(context.Background(), "address:192.0.2.7", &reading, windows(window))
				switch {
				case err == nil:
					admitted.Add(1)
				case !errors.Is(err, store.ErrLimited):
					t.Error(err)
				}
			})
		}
		all.Wait()
		if int(admitted.Load()) != reading.Max {
			t.Errorf("window %d: %d were admitted", window, admitted.Load())
		}
	}
	if _, err := s.CountPublic(context.Background(), "address:192.0.2.8", &reading, now); err != nil {
		t.Errorf("another address: %v", err)
	}
}

// clientToken is the claims of a client-credentials token.
func clientToken(keyID string, generation int) token.Claims {
	return token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: keyID, ID: "jti"}, Type: token.Client, Generation: generation,
	}
}
