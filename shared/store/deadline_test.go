package store_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/faults"
	"github.com/latchkey/latchkey/tests/strictdynamo"
)

// hang takes a call and never answers.
func hang(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// unfinished answers a batch of reads with nothing read, as DynamoDB does when it throttles.
func unfinished(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	body := bytes.Replace(asked, []byte(`"RequestItems"`), []byte(`"Responses":{},"UnprocessedKeys"`), 1)
	return &http.Response{StatusCode: 200, Request: r, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body))}, nil
}

func TestNoChainOfCallsOutlivesItsContext(t *testing.T) {
	const given, slack = 300 * time.Millisecond, 200 * time.Millisecond
	conflict := storetest.Cancelled("TransactionConflict")
	for _, c := range []struct {
		name   string
		faults []storetest.Fault
		try    func(ctx context.Context, s *store.Store, k apikey.Key) error
	}{
		{"a read that hangs", storetest.Repeat(9, hang), func(ctx context.Context, s *store.Store, k apikey.Key) error {
			_, err := s.Key(ctx, k.ID)
			return err
		}},
		{"a write that is throttled", storetest.Repeat(9, storetest.Refuse(400, "ThrottlingException")), func(ctx context.Context, s *store.Store, k apikey.Key) error {
			_, err := s.CountPublic(ctx, "address:192.0.2.7", &reading, now)
			return err
		}},
		{"a batch of reads that stays unfinished", append([]storetest.Fault{nil}, storetest.Repeat(9, unfinished)...), func(ctx context.Context, s *store.Store, k apikey.Key) error {
			_, _, err := s.Keys(ctx, "usr_A", store.Page{Limit: 10})
			return err
		}},
		{"a transaction that conflicts", storetest.Repeat(9, conflict), func(ctx context.Context, s *store.Store, k apikey.Key) error {
			_, err := s.RevokeKey(ctx, k, entry(audit.Revoked))
			return err
		}},
		{"an append that others overtake", storetest.Repeat(999, conflict), func(ctx context.Context, s *store.Store, k apikey.Key) error {
			_, err := s.AppendEvents(ctx, run.Run{ID: "run_A", Status: run.Running}, run.Append{})
			return err
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, wire := storetest.Wired(t)
			k := newKey(t, s, nil)
			storetest.AwaitIndex() // else a list would read no batch
			wire.Fail(c.faults...)
			ctx, cancel := context.WithTimeout(ctx, given)
			defer cancel()
			began := time.Now()
			err := c.try(ctx, s, k)
			if took := time.Since(began); took > given+slack {
				t.Errorf("it took %v of %v", took, given)
			}
			if err == nil {
				t.Fatal("it succeeded")
			}
			if p := problem.From(err); p.Status != 503 {
				t.Errorf("it is shown as %d: %v", p.Status, err)
			}
		})
	}
}

// TestNoOperationOutlivesItsContextHoweverLongTheTableFails has the table throttle, conflict, hang or
// answer nothing for ever.
func TestNoOperationOutlivesItsContextHoweverLongTheTableFails(t *testing.T) {
	t.Parallel()
	const given, slack = 100 * time.Millisecond, 600 * time.Millisecond
	several := []string{"check and count key", "revoke key", "revoke all that came from a key", "append events", "count uses"}
	for name, fail := range map[string]func(*strictdynamo.Settings){
		"throttles": func(now *strictdynamo.Settings) { now.ThrottleRate = 1 },
		"conflicts": func(now *strictdynamo.Settings) { now.ConflictRate = 1 },
		"hangs":     func(now *strictdynamo.Settings) { now.FaultRate, now.Faults = 1, []faults.Fault{faults.Hung} },
		"is lost":   func(now *strictdynamo.Settings) { now.FaultRate, now.Faults = 1, []faults.Fault{faults.Lost} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, op := range operations {
				if name != "throttles" && !slices.Contains(several, op.name) && !thorough() {
					continue
				}
				s, proxy := patientOnALine(t)
				prepared := op.prepare(t, s)
				if op.name == "list keys" {
					storetest.AwaitIndex() // else it would read no batch
				}
				proxy.Set(fail)
				ctx, cancel := context.WithTimeout(ctx, given)
				began := time.Now()
				err := op.try(ctx, s, prepared)
				if took := time.Since(began); took > given+slack {
					t.Errorf("%s took %v of %v", op.name, took, given)
				}
				if p := problem.From(err); err != nil && p.Status != 503 && !tellsThatItIsDone(err, faults.Lost) {
					t.Errorf("%s is answered %d: %v", op.name, p.Status, err)
				}
				cancel()
			}
		})
	}
}
