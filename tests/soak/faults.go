package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A fault is something that goes wrong for a while. A 503 is then a right answer, and for an aftermath: until
// processes have started again, and calls that were repeated have given up.
type fault struct {
	name  string
	lasts bool // a third of its minute; else it happens, and is over
	begin func(ctx context.Context, e *emulator, end time.Time) error
	end   settings // what begin changed, as it was
	clean bool     // it explains no 503: nobody may notice it
}

const aftermath = 15 * time.Second

// faults are those that happened, and those that will.
type faults struct {
	emulator *emulator
	every    time.Duration // a minute, unless somebody is in a hurry
	mu       sync.Mutex
	happened []happening
}

type happening struct {
	fault
	began, ended time.Time // ended is zero while it lasts
	explained    int       // answers
}

// explain reports whether a fault was about between two moments.
func (f *faults) explain(from, to time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range f.happened {
		h := &f.happened[i]
		if !h.clean && to.After(h.began) && (h.ended.IsZero() || from.Before(h.ended.Add(aftermath))) {
			h.explained++
			return true
		}
	}
	return false
}

// run makes faults, one a minute, until stop. It returns what could not be done.
func (f *faults) run(ctx, stop context.Context) error {
	if err := f.emulator.set(ctx, always); err != nil {
		return err
	}
	for minute := 0; ; minute++ {
		next := schedule[minute%len(schedule)]
		if pause(stop, f.every/4) != nil {
			return f.emulator.set(ctx, settings{"throttle_rate": 0, "conflict_rate": 0})
		}
		began := time.Now()
		f.note(happening{fault: next, began: began})
		fmt.Printf("%s %s\n", moment(began), next.name)
		if err := f.cause(ctx, next); err != nil {
			return fmt.Errorf("%s: %w", next.name, err)
		}
		f.over()
		_ = pause(stop, time.Until(began.Add(f.every*3/4)))
	}
}

func (f *faults) cause(ctx context.Context, one fault) error {
	end := time.Now().Add(f.every / 3)
	if err := one.begin(ctx, f.emulator, end); err != nil {
		return err
	}
	if one.lasts {
		_ = pause(ctx, time.Until(end))
	}
	if one.end == nil {
		return nil
	}
	return errors.Join(f.emulator.failSecrets(ctx, false), f.emulator.concurrency(ctx, usualConcurrency), f.emulator.set(ctx, one.end))
}

func (f *faults) note(h happening) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.happened = append(f.happened, h)
}

func (f *faults) over() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.happened[len(f.happened)-1].ended = time.Now()
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
