package store_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
)

func TestEmailIsRegisteredOnceUnderConcurrency(t *testing.T) {
	s := storetest.New(t)
	var made atomic.Int32
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			err := s.CreateUser(ctx, user.New("a@example.com", user.Member, now), "hash", entry(audit.Registered))
			switch {
			case err == nil:
				made.Add(1)
			case !errors.Is(err, store.ErrDuplicate):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 {
		t.Errorf("registered %d times", made.Load())
	}
	if err := s.SetPassword(ctx, "b@example.com", "hash", entry(audit.PasswordReset)); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
}
