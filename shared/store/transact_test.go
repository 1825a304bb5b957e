package store_test

import (
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/strictdynamo"
)

// Each holds the key for 10 ms, as on AWS, and cancels all that meet it.
func TestChangesOfOneKeyAtOnceAreAllAnswered(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	var all sync.WaitGroup
	for range 60 {
		all.Go(func() {
			now, err := s.RevokeKey(ctx, k, entry(audit.Revoked))
			if err != nil {
				t.Error(err)
			} else if now.RevokedAt == nil {
				t.Error("the key that was revoked has no time of that")
			}
		})
	}
	all.Wait()
	if got := actions(t, s, k.ID); len(got) != 2 {
		t.Errorf("the log says %v", got)
	}
}

func TestTransactionIsRepeatedUntilNothingIsInItsWay(t *testing.T) {
	for _, op := range operations {
		switch op.name {
		case "create key", "revoke key", "regenerate key", "delete key", "create user":
		default:
			continue
		}
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			cfg, table, proxy := storetest.Proxied(t)
			s := store.New(cfg, table)
			prepared := op.prepare(t, s)
			proxy.Set(func(now *strictdynamo.Settings) { now.ConflictRate, now.ThrottleRate = 0.5, 0.2 })
			if err := op.try(ctx, s, prepared); err != nil {
				t.Error(err)
			}
			proxy.Set(func(now *strictdynamo.Settings) { now.ConflictRate, now.ThrottleRate = 0, 0 })
			if op.times(s, prepared) != 1 {
				t.Error("it said yes and did not do it once")
			}
		})
	}
}

// The SDK repeats a call whose answer was lost, and then that is refused. The store tries again, and must not take
// what the first call wrote for somebody else's.
func TestTransactionWhoseAnswerWasLostIsDoneThoughItsRepetitionIsRefused(t *testing.T) {
	for _, op := range operations {
		switch op.name {
		case "create key", "revoke key", "regenerate key", "delete key", "create user":
		default:
			continue
		}
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			s, wire := storetest.Wired(t)
			prepared := op.prepare(t, s)
			wire.Fail(storetest.Lost, storetest.Refuse(400, "TransactionCanceledException"))
			if err := op.try(ctx, s, prepared); err != nil {
				t.Error(err)
			}
			if op.times(s, prepared) != 1 {
				t.Error("it said yes and did nothing")
			}
		})
	}
}

func TestTransactionCancelledForGoodIsNotRepeated(t *testing.T) {
	s, wire := storetest.Wired(t)
	k := newKey(t, s, nil)
	wire.Fail(storetest.Repeat(9, storetest.Cancelled("ValidationError"))...)
	wire.Calls()
	if _, err := s.RevokeKey(ctx, k, entry(audit.Revoked)); err == nil {
		t.Error("it succeeded")
	}
	if calls := wire.Calls(); len(calls) != 1 {
		t.Errorf("calls were %v", calls)
	}
}

// A transaction is over in some 10 ms: to wait as long as for what throttles would be slow.
func TestCheckThatMeetsATransactionIsRepeatedSoon(t *testing.T) {
	s, wire := storetest.Wired(t)
	k := newKey(t, s, nil)
	wire.Fail(storetest.Repeat(2, failures["transaction conflict"])...)
	began := time.Now()
	if _, _, err := s.CheckKey(ctx, k.ID, good, &reading, now); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 250*time.Millisecond {
		t.Errorf("it took %v", took)
	}
}

func TestGoodKeyIsNotRefusedWhileItIsChanged(t *testing.T) {
	cfg, table, proxy := storetest.Proxied(t)
	s := store.New(cfg, table)
	k := newKey(t, s, nil)
	proxy.Set(func(now *strictdynamo.Settings) { now.HoldMS = 500 })
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := s.RegenerateKey(ctx, k, "1:next", now.Unix()+60, entry(audit.Regenerated)); err != nil {
			t.Errorf("the change: %v", err)
		}
	})
	for key(s, k).Generation == 1 { // until it is under way
		time.Sleep(time.Millisecond)
	}
	for range 10 {
		all.Go(func() {
			if _, _, err := s.CheckKey(ctx, k.ID, good, &reading, now); err != nil {
				t.Errorf("a check of the key meanwhile: %v", err)
			}
		})
	}
	all.Wait()
}
