package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

// A fixture is a run of usr_A in prj_A, which the calls to the database are counted of.
type fixture struct {
	t      *testing.T
	store  *store.Store
	f      gateway.Function
	run    run.Run
	caller map[string]any
	calls  []string
}

func setUp(t *testing.T, startedAgo time.Duration) *fixture {
	cfg, table := storetest.Table(t)
	x := &fixture{t: t, caller: gatewaytest.User("usr_A", "a@example.com", "member", "read:events")}
	cfg.HTTPClient = x
	x.store = store.New(cfg, table)
	x.f = gateway.Protected(handler{x.store}.serve, gateway.Ticket)
	x.run = run.New("usr_A", "prj_A", time.Hour, time.Now().Add(-startedAgo))
	if err := x.store.CreateRun(context.Background(), x.run); err != nil {
		t.Fatal(err)
	}
	return x
}

// Do counts a call to the database.
func (x *fixture) Do(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	x.calls = append(x.calls, operation)
	return http.DefaultClient.Do(r)
}

// append adds a batch of events, each of that many bytes or a little more.
func (x *fixture) append(n, size int, status string) {
	x.t.Helper()
	a := run.Append{Status: status, At: time.Now()}
	for range n {
		a.Events = append(a.Events, json.RawMessage(`{"kind":"status","x":"`+strings.Repeat("<", size)+`"}`))
	}
	if _, err := x.store.AppendEvents(context.Background(), x.run, a); err != nil {
		x.t.Fatal(err)
	}
}

type page struct {
	Status      string
	Events      []struct{ Seq int }
	Cursor      string
	Finished    bool
	PollAfterMS int64 `json:"poll_after_ms"`
}

func (x *fixture) call(query map[string]string) gatewaytest.Answer {
	x.t.Helper()
	return gatewaytest.Do(x.t, x.f, gatewaytest.Call{
		Method: "GET", Resource: "/v1/runs/{id}/events/stream", Path: map[string]string{"id": x.run.ID},
		Query: query, Authorizer: x.caller,
	})
}

func (x *fixture) poll(cursor string, limit int) (page, gatewaytest.Answer) {
	x.t.Helper()
	got := x.call(map[string]string{"cursor": cursor, "limit": fmt.Sprint(limit)})
	var p page
	if got.Status != 200 {
		x.t.Fatalf("status %d, want 200: %s", got.Status, got.Body)
	}
	if err := json.Unmarshal([]byte(got.Body), &p); err != nil {
		x.t.Fatalf("%v: %s", err, got.Body)
	}
	return p, got
}

func TestPagesOfAnySizeShowEveryEventOnceAndThenTheEnd(t *testing.T) {
	x := setUp(t, 0)
	for _, n := range []int{1, 100, 7, 101, 1} {
		x.append(n, 1, run.Running)
	}
	x.append(3, 1, run.Pass)
	const all = 1 + 100 + 7 + 101 + 1 + 3
	for _, limit := range []int{1, 2, 10, 99, 100, 101, all, 1000} {
		cursor, seen := "", 0
		for {
			p, got := x.poll(cursor, limit)
			for _, e := range p.Events {
				if seen++; e.Seq != seen {
					t.Fatalf("limit %d: event %d where %d follows", limit, e.Seq, seen)
				}
			}
			if want := min(limit, all-seen+len(p.Events)); len(p.Events) != want {
				t.Fatalf("limit %d: a page of %d, want %d", limit, len(p.Events), want)
			}
			if p.Finished != (seen == all) {
				t.Fatalf("limit %d, after %d: p.Finished: %v, want %v", limit, seen, p.Finished, seen == all)
			}
			if p.PollAfterMS != 0 {
				t.Fatalf("limit %d, after %d: p.PollAfterMS: %v, want 0", limit, seen, p.PollAfterMS)
			}
			if got.Header["Retry-After"] != "" {
				t.Fatalf("limit %d, after %d: Retry-After: %q, want none", limit, seen, got.Header["Retry-After"])
			}
			if p.Status != run.Pass {
				t.Fatalf("limit %d, after %d: p's status: %v, want %v", limit, seen, p.Status, run.Pass)
			}
			cursor = p.Cursor
			if p.Finished {
				break
			}
		}
	}
}

func TestPageOfLargeEventsStaysFarBelowLambdasLimit(t *testing.T) {
	x := setUp(t, 0)
	const all = 40
	for range all / 2 {
		x.append(2, 30_000, run.Running)
	}
	cursor, seen, pages := "", 0, 0
	for seen < all {
		p, got := x.poll(cursor, 1000)
		for _, e := range p.Events {
			if seen++; e.Seq != seen {
				t.Fatalf("event %d where %d follows", e.Seq, seen)
			}
		}
		wrapped, _ := json.Marshal(got.Body)
		if len(wrapped) > 5<<20 {
			t.Fatalf("the page has %d bytes, want at most 5 MB", len(wrapped))
		}
		if len(p.Events) == 0 {
			t.Fatal("the page has no events")
		}
		cursor = p.Cursor
		pages++
	}
	t.Logf("%d events of 30 kB in %d pages", all, pages)
}

func TestPollWithNothingNewIsOneRead(t *testing.T) {
	x := setUp(t, 0)
	x.append(2, 1, run.Running)
	first, _ := x.poll("", 100)
	x.calls = nil
	second, _ := x.poll(first.Cursor, 100)
	if len(x.calls) != 1 {
		t.Fatalf("len(x.calls): %v, want 1", len(x.calls))
	}
	if x.calls[0] != "GetItem" {
		t.Errorf("x.calls[0]: %v, want GetItem", x.calls[0])
	}
	if len(second.Events) != 0 {
		t.Errorf("len(second.Events): %v, want 0", len(second.Events))
	}
	if second.Cursor != first.Cursor {
		t.Errorf("second.Cursor: %v, want %v", second.Cursor, first.Cursor)
	}
	if second.Finished {
		t.Error("second.Finished: true, want false")
	}
}

func TestPollerIsSentAwayForLongerTheLongerNothingHappens(t *testing.T) {
	for _, row := range []struct {
		silence     time.Duration
		least, most int64
		retryAfter  string
	}{
		{0, 500, 500, "1"},
		{6 * time.Second, 1500, 2000, "2"},
		{time.Minute, 5000, 5000, "5"},
	} {
		x := setUp(t, row.silence)
		p, got := x.poll("", 100)
		if p.PollAfterMS < row.least || p.PollAfterMS > row.most {
			t.Errorf("silent for %v: p.PollAfterMS: %v is out of range", row.silence, p.PollAfterMS)
		}
		if got.Header["Retry-After"] != row.retryAfter {
			t.Errorf("silent for %v: Retry-After: %v, want %v", row.silence, got.Header["Retry-After"], row.retryAfter)
		}
		x.append(1, 1, run.Running)
		if p, _ := x.poll("", 100); p.PollAfterMS != 500 {
			t.Errorf("after an event: %d ms, want 500", p.PollAfterMS)
		}
	}
}
