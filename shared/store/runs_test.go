package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func newRun(t *testing.T, s *store.Store) run.Run {
	t.Helper()
	r := run.New("usr_A", "prj_A", time.Hour, now)
	if err := s.CreateRun(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	return r
}

// batch is an append of n events that say who wrote them.
func batch(writer, n int) run.Append {
	a := run.Append{Status: run.Running, At: now}
	for i := range n {
		a.Events = append(a.Events, json.RawMessage(fmt.Sprintf(`{"kind":"status","writer":%d,"n":%d}`, writer, i)))
	}
	return a
}

func TestConcurrentWritersLeaveNoGapAndNoRepeat(t *testing.T) {
	const writers, appends, events = 20, 5, 3
	s := storetest.New(t)
	r := newRun(t, s)
	ctx := context.Background()
	taken := make(chan run.Receipt, writers*appends)
	var slowest time.Duration
	var mu sync.Mutex
	var all sync.WaitGroup
	start := time.Now()
	for w := range writers {
		all.Go(func() {
			for range appends {
				began := time.Now()
				got, err := s.AppendEvents(ctx, r, batch(w, events)) // r is stale for all but one
				if err != nil {
					t.Errorf("writer %d: %v", w, err)
					return
				}
				taken <- got
				mu.Lock()
				slowest = max(slowest, time.Since(began))
				mu.Unlock()
			}
		})
	}
	all.Wait()
	close(taken)
	t.Logf("%d appends of %d writers took %v, the slowest %v", writers*appends, writers, time.Since(start), slowest)

	owner := map[int]bool{}
	for got := range taken {
		for seq := got.First; seq <= got.Last; seq++ {
			if owner[seq] {
				t.Errorf("number %d was given twice", seq)
			}
			owner[seq] = true
		}
	}
	for seq := 1; seq <= writers*appends*events; seq++ {
		if !owner[seq] {
			t.Errorf("number %d was never given", seq)
		}
	}
	found, err := s.Run(ctx, r.ID, now)
	if err != nil || found.LastSeq != writers*appends*events {
		t.Fatalf("the run ends at %d (%v), want %d", found.LastSeq, err, writers*appends*events)
	}
	batches, err := s.Events(ctx, found, 0, found.LastSeq)
	if err != nil {
		t.Fatal(err)
	}
	shown, last, err := run.Events(batches, 0, found.LastSeq)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the number of events", len(shown), found.LastSeq)
	expect.Same(t, "the last event's number", last, found.LastSeq)
}

func TestOneOfManyConcurrentRepeatsIsAppended(t *testing.T) {
	s := storetest.New(t)
	r := newRun(t, s)
	a := batch(1, 2)
	a.Once = &run.Once{ID: "id", Digest: "digest"}
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			got, err := s.AppendEvents(context.Background(), r, a)
			if err != nil {
				t.Error(err)
				return
			}
			expect.Same(t, "the first number", got.First, 1)
			expect.Same(t, "the last number", got.Last, 2)
		})
	}
	all.Wait()
	found, err := s.Run(context.Background(), r.ID, now)
	if err != nil || found.LastSeq != 2 {
		t.Fatalf("the run ends at %d (%v), want 2", found.LastSeq, err)
	}
}

func TestNothingFollowsTheEventsThatEndARun(t *testing.T) {
	s := storetest.New(t)
	r := newRun(t, s)
	var all sync.WaitGroup
	for w := range 10 {
		all.Go(func() {
			a := batch(w, 1)
			if w%2 == 0 {
				a.Status = run.Pass
			}
			if _, err := s.AppendEvents(context.Background(), r, a); err != nil && !errors.Is(err, store.ErrConflict) {
				t.Errorf("writer %d: %v", w, err)
			}
		})
	}
	all.Wait()
	found, err := s.Run(context.Background(), r.ID, now)
	if err != nil || found.Status != run.Pass {
		t.Fatalf("the run is %s (%v), want pass", found.Status, err)
	}
	batches, err := s.Events(context.Background(), found, 0, 100)
	if err != nil || len(batches) != found.LastSeq {
		t.Fatalf("%d batches (%v), want %d", len(batches), err, found.LastSeq)
	}
	var last struct{ Writer int }
	if err := json.Unmarshal(batches[len(batches)-1].Events[0], &last); err != nil || last.Writer%2 != 0 {
		t.Fatalf("writer %d wrote last (%v), who did not end the run", last.Writer, err)
	}
}

func TestTimesOfEventsDoNotGoBackWithALaggingClock(t *testing.T) {
	s := storetest.New(t)
	r := newRun(t, s)
	for _, shift := range []time.Duration{time.Second, -time.Second} {
		a := batch(1, 1)
		a.At = now.Add(shift)
		if _, err := s.AppendEvents(context.Background(), r, a); err != nil {
			t.Fatal(err)
		}
	}
	r, err := s.Run(context.Background(), r.ID, now)
	if err != nil {
		t.Fatal(err)
	}
	batches, err := s.Events(context.Background(), r, 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(batches) != 2 {
		t.Fatalf("%d batches, want 2: %+v", len(batches), batches)
	}
	if first, second := batches[0].At, batches[1].At; second.Before(first) {
		t.Errorf("the times go back from %v to %v", first, second)
	}
}

func TestExpiredRunIsGoneBeforeTTLRemovesIt(t *testing.T) {
	s := storetest.New(t)
	r := newRun(t, s)
	if _, err := s.Run(context.Background(), r.ID, now.Add(time.Hour)); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("got %v, want ErrNotFound", err)
	}
}
