package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
	"github.com/latchkey/latchkey/tests/faults"
	"github.com/latchkey/latchkey/tests/strictdynamo"
)

// counting are the calls that count a request. Each makes a subject, and returns what counts on it.
var counting = map[string]func(*testing.T, *store.Store) func() (ratelimit.State, error){
	"key": func(t *testing.T, s *store.Store) func() (ratelimit.State, error) {
		k := newKey(t, s, nil)
		return func() (ratelimit.State, error) {
			_, state, err := s.CheckKey(ctx, k.ID, good, &reading, now)
			return state, err
		}
	},
	"quota": func(t *testing.T, s *store.Store) func() (ratelimit.State, error) {
		k := newKey(t, s, func(k *apikey.Key) { k.Quota = quota.New(int64(reading.Max), quota.Day, now) })
		return func() (ratelimit.State, error) {
			_, state, err := s.CheckKey(ctx, k.ID, good, &wide, now)
			return ratelimit.State{Max: reading.Max, Remaining: int(state.Quota.Remaining)}, err
		}
	},
	"session": func(t *testing.T, s *store.Store) func() (ratelimit.State, error) {
		ses := newSession(t, s)
		return func() (ratelimit.State, error) {
			_, state, err := s.CheckSession(ctx, ses.ID, &reading, now)
			return state, err
		}
	},
	"client token": func(t *testing.T, s *store.Store) func() (ratelimit.State, error) {
		k := newKey(t, s, nil)
		return func() (ratelimit.State, error) {
			_, state, err := s.CheckToken(ctx, clientToken(k.ID, 1), store.Count{Limit: &reading, Cost: 1}, now)
			return state, err
		}
	},
	"address": func(_ *testing.T, s *store.Store) func() (ratelimit.State, error) {
		subject := rand.Text()
		return func() (ratelimit.State, error) { return s.CountPublic(ctx, subject, &reading, now) }
	},
	"try to log in": func(_ *testing.T, s *store.Store) func() (ratelimit.State, error) {
		email := rand.Text() + "@example.com"
		return func() (ratelimit.State, error) {
			_, state, err := s.CountTry(ctx, email, "192.0.2.7", reading, now)
			return state, err
		}
	},
}

// thorough reports whether all is tried with all: HISTORIES is set. Most of that only waits for the
// SDK to try again.
func thorough() bool { return os.Getenv("HISTORIES") != "" }

// onALine is a store on a line that a test can have lose calls and answers.
func onALine(t *testing.T) (*store.Store, *strictdynamo.Proxy) {
	t.Helper()
	cfg, table, proxy := storetest.Proxied(t)
	return store.New(cfg, table), proxy
}

// patientOnALine is onALine with a store that gives no attempt up, however busy the machine is. So
// nothing gets lost but what the test wants lost.
func patientOnALine(t *testing.T) (*store.Store, *strictdynamo.Proxy) {
	t.Helper()
	cfg, table, proxy := storetest.Proxied(t)
	cfg.HTTPClient = http.DefaultClient
	return store.New(cfg, table), proxy
}

// used is how many requests are counted, one more included that it makes.
func used(t *testing.T, count func() (ratelimit.State, error)) int {
	t.Helper()
	state, err := count()
	if err != nil {
		t.Fatal(err)
	}
	return reading.Max - state.Remaining
}

func TestARequestWhoseAnswerWasLostCountsOnce(t *testing.T) {
	t.Parallel()
	for name, subject := range counting {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, proxy := patientOnALine(t)
			cases := [][]faults.Fault{
				{faults.Lost}, {faults.Reset}, {faults.Internal}, {faults.Truncated}, {faults.Checksum}, {faults.Gateway},
				{faults.Lost, faults.Throttled, faults.Reset},
			}
			if name != "key" && !thorough() {
				cases = cases[:2]
			}
			for _, lost := range cases {
				count := subject(t, s)
				before := used(t, count)
				time.Sleep(clockSkew)
				proxy.Line.Fail(lost...)
				expect.Same(t, "counted after "+string(lost[0]), used(t, count), before+1)
				expect.Same(t, "counted after the next", used(t, count), before+2)
			}
		})
	}
}

// clockSkew is that of countonce.go, and a little more. Of requests that are closer to each other
// it is not clear which came first.
const clockSkew = 120 * time.Millisecond

func TestARequestThatIsAnsweredWithGarbageIsRefusedAndCountsOnceAtMost(t *testing.T) {
	t.Parallel()
	for name, subject := range counting {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, proxy := patientOnALine(t)
			cases := [][]faults.Fault{
				{faults.Garbled}, {faults.Empty}, {faults.Page}, {faults.Lost, faults.Lost, faults.Lost},
			}
			if name != "key" && !thorough() {
				cases = cases[:2]
			}
			for _, answer := range cases {
				count := subject(t, s)
				before := used(t, count)
				time.Sleep(clockSkew)
				proxy.Line.Fail(answer...)
				if state, err := count(); err == nil {
					t.Errorf("%s: it is let through: %+v", answer, state)
				}
				expect.Same(t, "counted after "+string(answer[0])+" and the next", used(t, count), before+2)
			}
		})
	}
}

// While the answer of the first is awaited, another request is counted.
func TestARequestWhoseAnswerWasLostAndThatAnotherFollowedIsRefusedAndCountsOnceAtMost(t *testing.T) {
	t.Parallel()
	for name, subject := range counting {
		for fault, counted := range map[faults.Fault]int{faults.Late: 1, faults.Hung: 0} {
			if name != "key" && fault == faults.Hung && !thorough() {
				continue
			}
			t.Run(name+", "+string(fault), func(t *testing.T) {
				t.Parallel()
				s, proxy := onALine(t)
				count := subject(t, s)
				proxy.Line.Fail(fault)
				var all sync.WaitGroup
				all.Go(func() {
					_, err := count()
					if err == nil || problem.From(err).Status != 503 {
						t.Errorf("it is answered with %v", err)
					}
				})
				for proxy.Line.Met() == 0 {
					time.Sleep(time.Millisecond)
				}
				expect.Same(t, "counted with the one that followed", used(t, count), counted+1)
				all.Wait()
				expect.Same(t, "counted after both and one more", used(t, count), counted+2)
			})
		}
	}
}

// TestCrowdOnABadLineIsNeverRefusedUnderTheLimit has as many callers as the limit admits, over a line
// that loses calls and answers. Each counts at most once, so nobody is limited.
func TestCrowdOnABadLineIsNeverRefusedUnderTheLimit(t *testing.T) {
	t.Parallel()
	s, proxy := patientOnALine(t)
	for history := range storetest.Histories(t, 3) {
		k := newKey(t, s, nil)
		proxy.Set(func(now *strictdynamo.Settings) {
			now.FaultRate, now.Faults = 0.3, []faults.Fault{faults.Lost, faults.Reset, faults.Internal, faults.Truncated, faults.Throttled}
		})
		var admitted, unavailable atomic.Int32
		var all sync.WaitGroup
		for range reading.Max - 1 {
			all.Go(func() {
				_, _, err := s.CheckKey(context.Background(), k.ID, good, &reading, now)
				switch {
				case err == nil:
					admitted.Add(1)
				case errors.Is(err, store.ErrLimited):
					t.Errorf("history %d: a caller under the limit is limited", history)
				default:
					unavailable.Add(1)
				}
			})
		}
		all.Wait()
		proxy.Set(func(now *strictdynamo.Settings) { now.FaultRate = 0 })
		_, state, err := s.CheckKey(context.Background(), k.ID, good, &reading, now)
		if err != nil {
			t.Fatal(err)
		}
		counted := reading.Max - state.Remaining - 1
		if counted < int(admitted.Load()) {
			t.Errorf("history %d: %d are counted, and %d were admitted", history, counted, admitted.Load())
		}
	}
}
