package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestOfConcurrentRefreshesOneRotates(t *testing.T) {
	s := storetest.New(t)
	ses := newSession(t, s)
	for generation := range 3 {
		var won, lost atomic.Int32
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				found, err := s.RotateSession(ctx, ses.ID, session.Refresh{Generation: generation, Lifetime: time.Hour, Family: 24 * time.Hour, Now: now})
				switch {
				case found.Generation != generation+1:
					t.Errorf("generation %d: %v", found.Generation, err)
				case err == nil:
					won.Add(1)
				case errors.Is(err, store.ErrConflict):
					lost.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		expect.Same(t, "the number of rotations", won.Load(), 1)
		expect.Same(t, "the number of conflicts", lost.Load(), 19)
	}
}

func TestSessionIsEndedByItsUserOnly(t *testing.T) {
	s := storetest.New(t)
	ses := newSession(t, s)
	if err := s.EndSession(ctx, ses.ID, "usr_other"); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if _, _, err := s.CheckSession(ctx, ses.ID, nil, now); err != nil {
		t.Errorf("another ended it: %v", err)
	}
	if err := s.EndSession(ctx, ses.ID, ses.UserID); err != nil {
		t.Error(err)
	}
	if _, _, err := s.CheckSession(ctx, ses.ID, &reading, now); !errors.Is(err, session.ErrEnded) {
		t.Errorf("ended: %v", err)
	}
	if _, err := s.RotateSession(ctx, ses.ID, session.Refresh{Lifetime: time.Hour, Family: 24 * time.Hour, Now: now}); !errors.Is(err, session.ErrEnded) {
		t.Errorf("ended: %v", err)
	}
}
