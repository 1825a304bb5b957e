package store_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
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
