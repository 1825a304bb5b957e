package store_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/quota"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// wide is a limit that nobody reaches.
var wide = ratelimit.Limit{Category: ratelimit.Read, Max: 1_000_000, Window: time.Minute}

func withQuota(limit int64, p quota.Period, at time.Time) func(*apikey.Key) {
	return func(k *apikey.Key) { k.Quota = quota.New(limit, p, at) }
}

// spenders has 50 callers check the key at once, each by its own clock, and returns how many were admitted,
// and how many were refused for the quota.
func spenders(t *testing.T, s *store.Store, id string, limit *ratelimit.Limit, clock func(caller int) time.Time) (admitted, over int) {
	t.Helper()
	var good50, over50 atomic.Int32
	var all sync.WaitGroup
	for caller := range 50 {
		all.Go(func() {
			_, _, err := s.CheckKey(ctx, id, good, limit, clock(caller))
			switch {
			case err == nil:
				good50.Add(1)
			case errors.Is(err, store.ErrQuota):
				over50.Add(1)
			case !errors.Is(err, store.ErrLimited):
				t.Errorf("neither admitted nor refused: %v", err)
			}
		})
	}
	all.Wait()
	return int(good50.Load()), int(over50.Load())
}

func TestExactlyTheQuotaIsAdmitted(t *testing.T) {
	for _, period := range []quota.Period{quota.Credits, quota.Day, quota.Month} {
		for name, limit := range map[string]*ratelimit.Limit{"limited": &wide, "unlimited": nil} {
			s := patient(t)
			k := newKey(t, s, withQuota(20, period, now))
			admitted, over := spenders(t, s, k.ID, limit, at(now))
			expect.Same(t, fmt.Sprintf("%s, period %q: admitted", name, period), admitted, 20)
			expect.Same(t, fmt.Sprintf("%s, period %q: refused for the quota", name, period), over, 30)
		}
	}
}

// Each row is the last second of a period and the first of the next, for a crowd in each.
func TestPeriodBeginsWithItsFirstSecondForACrowd(t *testing.T) {
	for _, row := range []struct {
		period quota.Period
		last   time.Time
	}{
		{quota.Day, time.Date(2030, 6, 7, 23, 59, 59, 0, time.UTC)},
		{quota.Month, time.Date(2030, 3, 31, 23, 59, 59, 0, time.UTC)},
		{quota.Month, time.Date(2028, 2, 29, 23, 59, 59, 0, time.UTC)},
		{quota.Month, time.Date(2030, 12, 31, 23, 59, 59, 0, time.UTC)},
	} {
		for name, limit := range map[string]*ratelimit.Limit{"limited": &wide, "unlimited": nil} {
			s := patient(t)
			k := newKey(t, s, withQuota(20, row.period, row.last.Add(-time.Hour)))
			what := fmt.Sprintf("%s, %s after %s", name, row.period, row.last)
			for i, moment := range []time.Time{row.last, row.last.Add(time.Second), row.last.AddDate(1, 0, 0)} {
				admitted, over := spenders(t, s, k.ID, limit, at(moment))
				expect.Same(t, fmt.Sprintf("%s: admitted in period %d", what, i+1), admitted, 20)
				expect.Same(t, fmt.Sprintf("%s: over the quota in period %d", what, i+1), over, 30)
			}
		}
	}
}

func TestClocksThatDisagreeSpendNoMoreThanTheQuotaOfEachPeriod(t *testing.T) {
	s := patient(t)
	first := time.Date(2030, 2, 1, 0, 0, 0, 0, time.UTC)
	k := newKey(t, s, withQuota(20, quota.Month, first.Add(-time.Hour)))
	admitted, _ := spenders(t, s, k.ID, &wide, func(caller int) time.Time {
		return first.Add(-time.Duration(caller%2) * time.Second)
	})
	if admitted > 40 { // the last month may have been spent before the next began
		t.Errorf("%d were admitted in two months", admitted)
	}
	later, _ := spenders(t, s, k.ID, &wide, at(first.Add(-time.Second)))
	expect.Same(t, "admitted by a clock that lags, when the new month is spent", later+admitted <= 40, true)
	if n, _ := spenders(t, s, k.ID, &wide, at(first)); later+admitted+n > 40 {
		t.Errorf("%d were admitted in two months", later+admitted+n)
	}
}

func TestQuotaAndLimitTakeNothingFromEachOther(t *testing.T) {
	s := patient(t)
	few := ratelimit.Limit{Category: ratelimit.Read, Max: 5, Window: time.Minute}
	k := newKey(t, s, withQuota(12, quota.Month, now))
	admitted, over := spenders(t, s, k.ID, &few, at(windows(0)))
	expect.Same(t, "admitted in the first window", admitted, 5)
	expect.Same(t, "refused for the quota in the first window", over, 0)
	_, state, _ := s.CheckKey(ctx, k.ID, good, &few, windows(0))
	expect.Same(t, "what is left of the quota after 46 refusals of the limit", state.Quota.Remaining, 7)
	admitted, _ = spenders(t, s, k.ID, &few, at(windows(1)))
	expect.Same(t, "admitted in the second window", admitted, 5)
	admitted, over = spenders(t, s, k.ID, &few, at(windows(2)))
	expect.Same(t, "admitted in the third window", admitted, 2)
	expect.Same(t, "refused for the quota in the third window", over, 48)
	_, state, err := s.CheckKey(ctx, k.ID, good, &few, windows(2))
	expect.Same(t, "over both", errors.Is(err, store.ErrQuota), true)
	expect.Same(t, "what is left of the limit after 49 refusals of the quota", state.Remaining, 3)
}

func TestCostIsTakenAtOnceOrNotAtAll(t *testing.T) {
	s := patient(t)
	k := newKey(t, s, withQuota(20, quota.Credits, now))
	for i, row := range []struct {
		cost, left int64
		err        error
	}{{7, 13, nil}, {7, 6, nil}, {7, 6, store.ErrQuota}, {6, 0, nil}, {1, 0, store.ErrQuota}} {
		_, state, err := s.CheckKeyOf(ctx, store.Whose{}, k.ID, good, store.Count{Limit: &wide, Cost: row.cost}, now)
		if !errors.Is(err, row.err) {
			t.Errorf("request %d: %v, want %v", i+1, err, row.err)
		}
		expect.Same(t, fmt.Sprintf("what is left after request %d", i+1), state.Quota.Remaining, row.left)
	}
	_, state, err := s.CheckKeyOf(ctx, store.Whose{}, k.ID, good, store.Count{}, now)
	expect.Same(t, "a check that counts nothing", err, nil)
	expect.Same(t, "what it tells is left", state.Quota.Remaining, 0)
}

// A cost above a whole period's quota begins no period.
func TestCostAboveTheQuotaIsRefusedInEveryPeriod(t *testing.T) {
	s := patient(t)
	k := newKey(t, s, withQuota(5, quota.Day, now))
	for _, moment := range []time.Time{now, now.AddDate(0, 0, 1)} {
		_, state, err := s.CheckKeyOf(ctx, store.Whose{}, k.ID, good, store.Count{Limit: &wide, Cost: 6}, moment)
		expect.Same(t, "refused", errors.Is(err, store.ErrQuota), true)
		expect.Same(t, "what is left", state.Quota.Remaining, 5)
	}
}

func TestChangedQuotaKeepsWhatIsSpentOfThePeriod(t *testing.T) {
	s := patient(t)
	k := newKey(t, s, nil)
	spend := func(cost int64) (int64, error) {
		_, state, err := s.CheckKeyOf(ctx, store.Whose{}, k.ID, good, store.Count{Limit: &wide, Cost: cost}, now)
		return state.Quota.Remaining, err
	}
	change := func(to func(quota.Quota) quota.Quota) {
		t.Helper()
		was, err := s.Key(ctx, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		next := was
		next.Quota = to(was.Quota)
		if _, err := spend(1); err != nil && !errors.Is(err, store.ErrQuota) { // after it was read
			t.Fatal(err)
		}
		if err := s.ChangeKeyBy(ctx, apikey.Maker{}, was, next, entry(audit.Updated)); err != nil {
			t.Fatal(err)
		}
	}
	set := func(limit int64, p quota.Period) func(quota.Quota) quota.Quota {
		return func(quota.Quota) quota.Quota { return quota.New(limit, p, now) }
	}
	left := func(what string, want int64) {
		t.Helper()
		found, err := s.Key(ctx, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, what, found.Quota.Left, want)
	}
	if _, err := spend(1000); err != nil {
		t.Errorf("a key without a quota: %v", err)
	}
	change(set(10, quota.Month))
	left("a first quota has nothing spent", 10)
	change(set(20, quota.Month))
	left("raised by 10, and one was spent at that moment", 19)
	if _, err := spend(15); err != nil {
		t.Error(err)
	}
	change(set(12, quota.Month))
	left("lowered under the 17 that are spent", -5)
	if _, err := spend(1); !errors.Is(err, store.ErrQuota) {
		t.Errorf("over the lowered quota: %v", err)
	}
	change(set(30, quota.Month))
	left("raised again", 13)
	change(set(8, quota.Day))
	left("another period", 8)
	change(set(5, quota.Credits))
	left("credits", 5)
	if _, err := spend(4); err != nil {
		t.Error(err)
	}
	change(set(5, quota.Credits))
	left("credits that are refilled", 5)
	change(func(quota.Quota) quota.Quota { return quota.Quota{} })
	left("no quota any more", 0)
	if _, err := spend(1000); err != nil {
		t.Errorf("after the quota was removed: %v", err)
	}
}

func TestQuotaIsChangedAsItWasRead(t *testing.T) {
	s := patient(t)
	k, err := s.Key(ctx, newKey(t, s, withQuota(10, quota.Month, now)).ID)
	if err != nil {
		t.Fatal(err)
	}
	first, second := k, k
	first.Quota.Limit, second.Quota.Limit = 20, 30
	if err := s.ChangeKeyBy(ctx, apikey.Maker{}, k, first, entry(audit.Updated)); err != nil {
		t.Fatal(err)
	}
	err = s.ChangeKeyBy(ctx, apikey.Maker{}, k, second, entry(audit.Updated))
	expect.Same(t, "a change of the quota before it", errors.Is(err, store.ErrConflict), true)
}

func TestRegeneratedKeyKeepsItsQuota(t *testing.T) {
	s := patient(t)
	k := newKey(t, s, withQuota(10, quota.Month, now))
	if _, _, err := s.CheckKey(ctx, k.ID, good, &wide, now); err != nil {
		t.Fatal(err)
	}
	k, err := s.Key(ctx, k.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.RegenerateKey(ctx, k, "1:next", 0, entry(audit.Regenerated)); err != nil {
		t.Fatal(err)
	}
	_, state, err := s.CheckKey(ctx, k.ID, []string{"1:next"}, &wide, now)
	expect.Same(t, "the new secret", err, nil)
	expect.Same(t, "what is left", state.Quota.Remaining, 8)
}

func TestQuotaTakesNoCallButTheOneThatBeginsAPeriod(t *testing.T) {
	s, wire := storetest.Wired(t)
	day := now.AddDate(0, 0, 1)
	for name, row := range map[string]struct {
		change func(*apikey.Key)
		limit  *ratelimit.Limit
		now    time.Time
		calls  int
	}{
		"limited, no quota":               {nil, &wide, now, 1},
		"limited":                         {withQuota(5, quota.Day, now), &wide, now, 1},
		"limited, credits":                {withQuota(5, quota.Credits, now), &wide, day, 1},
		"limited, over the quota":         {func(k *apikey.Key) { withQuota(5, quota.Day, now)(k); k.Quota.Left = -1 }, &wide, now, 1},
		"limited, a period begins":        {withQuota(5, quota.Day, now), &wide, day, 2},
		"not limited, no quota":           {nil, nil, now, 1},
		"not limited":                     {withQuota(5, quota.Day, now), nil, now, 2},
		"limited, the first of its hour":  {withQuota(5, quota.Day, now), &reading, now.Add(time.Hour), 1},
		"limited, once more in that hour": {withQuota(5, quota.Day, now), &reading, now.Add(time.Hour), 1},
	} {
		k := newKey(t, s, row.change)
		wire.Calls()
		_, _, _ = s.CheckKey(ctx, k.ID, good, row.limit, row.now)
		expect.Same(t, name+": calls", len(wire.Calls()), row.calls)
	}
}
