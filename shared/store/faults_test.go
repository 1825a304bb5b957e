package store_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/tests/expect"
	"github.com/latchkey/latchkey/tests/faults"
)

// garbage are the answers that the store cannot read.
var garbage = []faults.Fault{faults.Garbled, faults.Page}

// eachFault tries every operation with some faults, and one with all. HISTORIES=1 tries all with all.
func eachFault(t *testing.T, test func(t *testing.T, op operation, fault faults.Fault)) {
	for _, fault := range faults.All {
		for _, op := range operations {
			some := fault == faults.Lost || fault == faults.Garbled || op.name == "revoke key"
			if !some && !thorough() || fault == faults.Empty {
				continue // {} is what DynamoDB answers to writes that it has done
			}
			t.Run(op.name+", "+string(fault), func(t *testing.T) {
				t.Parallel()
				test(t, op, fault)
			})
		}
	}
}

// TestAfterEveryFaultAnOperationIsRefusedOrDoneOnce has one call of each operation meet a fault, and
// the caller repeat what was refused.
func TestAfterEveryFaultAnOperationIsRefusedOrDoneOnce(t *testing.T) {
	t.Parallel()
	eachFault(t, func(t *testing.T, op operation, fault faults.Fault) {
		open := patientOnALine
		if fault == faults.Hung || fault == faults.Late {
			open = onALine
		}
		s, proxy := open(t)
		prepared := op.prepare(t, s)
		proxy.Line.Fail(fault)
		err := op.try(ctx, s, prepared)
		proxy.Line.Fail()
		unreadable := slices.Contains(garbage, fault)
		switch {
		case err != nil && unreadable && problem.From(err).Status != 503:
			t.Errorf("it is answered as %v", err)
		case err != nil && !unreadable && !tellsThatItIsDone(err, fault):
			t.Errorf("it is not repeated: %v", err)
		}
		if op.times == nil || op.name == "check and count key" {
			return // a request that is repeated is another one: countonce_test.go
		}
		if err == nil {
			expect.Same(t, "how often it is done", op.times(s, prepared), 1)
			return
		}
		if err := op.try(ctx, s, prepared); err != nil && !tellsThatItIsDone(err, fault) {
			t.Errorf("the caller repeats it: %v", err)
		}
		expect.Same(t, "how often it is done after the caller repeated it", op.times(s, prepared), 1)
	})
}

// tellsThatItIsDone reports whether an error says that a change cannot be made, because it was made
// by an attempt whose answer was lost.
func tellsThatItIsDone(err error, fault faults.Fault) bool {
	return fault.Done() && (errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDuplicate))
}

func TestNoFaultLetsABadCredentialThrough(t *testing.T) {
	t.Parallel()
	for _, fault := range []faults.Fault{
		faults.Garbled, faults.Page, faults.Empty, faults.Checksum, faults.Truncated, faults.Internal, faults.Gateway,
	} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			s, proxy := patientOnALine(t)
			k := newKey(t, s, nil)
			for name, check := range map[string]func() error{
				"a wrong secret": func() error {
					_, _, err := s.CheckKey(ctx, k.ID, []string{"1:wrong"}, nil, now)
					return err
				},
				"a wrong secret of a limited key": func() error {
					_, _, err := s.CheckKey(ctx, k.ID, []string{"1:wrong"}, &reading, now)
					return err
				},
				"a token of another generation": func() error {
					_, _, err := s.CheckToken(ctx, clientToken(k.ID, 2), store.Count{Limit: &reading, Cost: 1}, now)
					return err
				},
			} {
				proxy.Line.Fail(fault)
				if err := check(); err == nil {
					t.Errorf("%s is let through", name)
				}
				proxy.Line.Fail()
			}
		})
	}
}
