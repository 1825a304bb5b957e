package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

var failures = map[string]storetest.Fault{
	"throttling":           storetest.Refuse(400, "ThrottlingException"),
	"throughput exceeded":  storetest.Refuse(400, "ProvisionedThroughputExceededException"),
	"request limit":        storetest.Refuse(400, "RequestLimitExceeded"),
	"internal error":       storetest.Refuse(500, "InternalServerError"),
	"gateway 502":          storetest.Gateway(502),
	"gateway 503":          storetest.Gateway(503),
	"timeout":              storetest.Timeout,
	"transaction conflict": storetest.Refuse(400, "TransactionConflictException"),
}

var ctx = context.Background()

func actions(t *testing.T, s *store.Store, id string) (found []string) {
	t.Helper()
	entries, _, err := s.AuditLog(ctx, id, store.Page{Limit: 100}, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		found = append(found, e.Action)
	}
	return found
}

// eachFailure tries every fault on one operation, and one fault on every operation, side
// by side: the SDK waits between its attempts.
func eachFailure(t *testing.T, test func(t *testing.T, op operation, fault storetest.Fault)) {
	for _, op := range operations {
		for name, fault := range failures {
			if op.name != "check and count key" && name != "gateway 503" {
				continue
			}
			t.Run(op.name+", "+name, func(t *testing.T) {
				t.Parallel()
				test(t, op, fault)
			})
		}
	}
}

func TestOneFailureOfDynamoDBIsRetried(t *testing.T) {
	eachFailure(t, func(t *testing.T, op operation, fault storetest.Fault) {
		s, wire := storetest.Wired(t)
		prepared := op.prepare(t, s)
		wire.Fail(fault)
		if err := op.try(ctx, s, prepared); err != nil {
			t.Error(err)
		}
		if op.times != nil && op.times(s, prepared) != 1 {
			t.Error("it said yes and did not do it once")
		}
	})
}

func TestLastingFailureIs503AndNothingIsHalfDone(t *testing.T) {
	eachFailure(t, func(t *testing.T, op operation, fault storetest.Fault) {
		s, wire := storetest.Wired(t)
		prepared := op.prepare(t, s)
		wire.Fail(storetest.Repeat(100, fault)...)
		err := op.try(ctx, s, prepared)
		wire.Fail()
		if err == nil {
			t.Error("it said yes")
		}
		p := problem.From(err)
		expect.Same(t, "the status", p.Status, 503)
		if p.Header["Retry-After"] == "" {
			t.Errorf("Retry-After is missing: %v", err)
		}
		if op.times != nil && op.times(s, prepared) != 0 {
			t.Error("it said no and did it")
		}
	})
}

// The answer to a write that was done may be lost: the SDK asks again, and the caller
// gets what the first answer would have been.
func TestLostAnswerIsNoFailure(t *testing.T) {
	for _, op := range operations {
		if op.name == "rotate session" || op.name == "end session" {
			continue // see the tests below
		}
		t.Run(op.name, func(t *testing.T) {
			t.Parallel()
			s, wire := storetest.Wired(t)
			prepared := op.prepare(t, s)
			wire.Fail(storetest.Lost)
			if err := op.try(ctx, s, prepared); err != nil {
				t.Error(err)
			}
			if op.times != nil && op.times(s, prepared) != 1 {
				t.Error("not done")
			}
		})
	}
}

// A second attempt cannot know that it was the first which ended the session.
func TestSessionWhoseEndWasLostIsGone(t *testing.T) {
	s, wire := storetest.Wired(t)
	ses := newSession(t, s)
	wire.Fail(storetest.Lost)
	if err := s.EndSession(ctx, ses.ID, ses.UserID); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if _, _, err := s.CheckSession(ctx, ses.ID, nil, now); !errors.Is(err, session.ErrEnded) {
		t.Error(err)
	}
}

func TestRotationWhoseAnswerWasLostIsAReplay(t *testing.T) {
	s, wire := storetest.Wired(t)
	ses := newSession(t, s)
	wire.Fail(storetest.Lost)
	found, err := s.RotateSession(ctx, ses.ID, session.Refresh{Lifetime: time.Hour, Family: 24 * time.Hour, Now: now})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	expect.Same(t, "the generation", found.Generation, 1)
	expect.Same(t, "the time of the rotation", found.RotatedAt, now.UnixMilli())
}

// The SDK's budget for retries runs out when all calls fail for long.
func TestLongOutageStaysA503(t *testing.T) {
	s, wire := storetest.Wired(t)
	k := newKey(t, s, nil)
	wire.Fail(storetest.Repeat(1000, storetest.Timeout)...)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if _, _, err := s.CheckKey(ctx, k.ID, good, &reading, now); problem.From(err).Status != 503 {
				t.Error(err)
			}
		})
	}
	all.Wait()
	wire.Fail()
}
