package store_test

import (
	"errors"
	"strings"
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
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
	"github.com/latchkey/latchkey/tests/strictdynamo"
)

// What one key bears (docs/operations.md, "A hot key"), in a second that does not end, on a
// partition with a tenth of DynamoDB's units: so each figure is a tenth too.
func TestHotKeyIsThrottledAtTheBoundOfItsItem(t *testing.T) {
	const tenth = 100
	wide := ratelimit.Limit{Category: ratelimit.Read, Max: 1_000_000, Window: time.Minute}
	byKey := func(limit *ratelimit.Limit) check {
		return func(s *store.Store, k apikey.Key, _ int) error {
			_, _, err := s.CheckKey(ctx, k.ID, good, limit, now)
			return err
		}
	}
	withMetadata := func(k *apikey.Key) { k.Metadata = map[string]string{"note": strings.Repeat("x", 4000)} }
	withQuota := func(k *apikey.Key) { k.Quota = quota.New(1_000_000, quota.Month, now) }
	for name, row := range map[string]struct {
		change func(*apikey.Key)
		check  check
		want   int
	}{
		"limited":                      {nil, byKey(&wide), tenth},
		"unlimited":                    {nil, byKey(nil), 3 * tenth},
		"limited, 4 KB of metadata":    {withMetadata, byKey(&wide), tenth / 5},
		"unlimited, 4 KB of metadata":  {withMetadata, byKey(nil), 3 * tenth / 2},
		"limited, with a quota":        {withQuota, byKey(&wide), tenth},
		"limited, most of it refused":  {nil, byKey(&reading), tenth},
		"half of it by a client token": {nil, halfByToken(&wide), tenth},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, table, proxy := storetest.Proxied(t)
			s := store.New(cfg, table)
			k := newKey(t, s, row.change)
			begin := time.Now().Add(time.Hour) // when making the key costs nothing any more
			proxy.SetClock(func() time.Time { return begin })
			proxy.Set(func(now *strictdynamo.Settings) { now.WriteUnits, now.ReadUnits = tenth, 3*tenth })
			borne, err := untilThrottled(s, k, row.check)
			if borne > row.want || borne < row.want*9/10 { // an attempt that took too long was made twice
				t.Errorf("%d checks were answered, want %d", borne, row.want)
			}
			p := problem.From(err)
			expect.Same(t, "the status above that", p.Status, 503)
			expect.Same(t, "Retry-After above that", p.Header["Retry-After"], "1")
			proxy.SetClock(func() time.Time { return begin.Add(time.Second) })
			if err := row.check(s, k, 0); err != nil && !errors.Is(err, store.ErrLimited) {
				t.Errorf("a second later: %v", err)
			}
		})
	}
}

// check is the n-th check of a key.
type check func(s *store.Store, k apikey.Key, n int) error

func halfByToken(limit *ratelimit.Limit) check {
	return func(s *store.Store, k apikey.Key, n int) (err error) {
		if n%2 == 0 {
			_, _, err = s.CheckKey(ctx, k.ID, good, limit, now)
		} else {
			claims := token.Claims{Generation: k.Generation}
			claims.Subject, claims.RegisteredClaims.ID = k.ID, "jti_A"
			_, _, err = s.CheckToken(ctx, claims, store.Count{Limit: limit, Cost: 1}, now)
		}
		return err
	}
}

// untilThrottled has callers check a key until DynamoDB bears no more of them. It returns how
// many checks had an answer, which may be that the limit is used up, and the error of the others.
func untilThrottled(s *store.Store, k apikey.Key, try check) (answered int, throttled error) {
	var tries, done atomic.Int64
	var last atomic.Pointer[error]
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for last.Load() == nil {
				switch err := try(s, k, int(tries.Add(1))); {
				case err == nil, errors.Is(err, store.ErrLimited):
					done.Add(1)
				default:
					last.Store(&err)
				}
			}
		})
	}
	callers.Wait()
	return int(done.Load()), *last.Load()
}
