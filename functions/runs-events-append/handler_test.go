package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// A fixture is a run of usr_A in prj_A and a client key that may write to it.
type fixture struct {
	t     *testing.T
	store *store.Store
	f     gateway.Function
	run   run.Run
	key   map[string]any
}

func setUp(t *testing.T) *fixture {
	s := storetest.New(t)
	r := run.New("usr_A", "prj_A", time.Hour, time.Now())
	if err := s.CreateRun(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	return &fixture{t, s, gateway.Protected(handler{s}.serve), r,
		gatewaytest.Key("0123456789abcdef", "client", "usr_A", "prj_A", "write:events")}
}

func (x *fixture) append(body string, change ...func(*gatewaytest.Call)) gatewaytest.Answer {
	x.t.Helper()
	c := gatewaytest.Call{
		Method: "POST", Resource: "/v1/runs/{id}/events", Path: map[string]string{"id": x.run.ID},
		Body: body, Authorizer: x.key, Header: map[string]string{},
	}
	for _, f := range change {
		f(&c)
	}
	return gatewaytest.Do(x.t, x.f, c)
}

// state is the run as it now is, and its events as a poller sees them.
func (x *fixture) state() (run.Run, []map[string]any) {
	x.t.Helper()
	ctx := context.Background()
	r, err := x.store.Run(ctx, x.run.ID, time.Now())
	if err != nil {
		x.t.Fatal(err)
	}
	batches, err := x.store.Events(ctx, r, 0, 1000)
	if err != nil {
		x.t.Fatal(err)
	}
	shown, _, err := run.Events(batches, 0, 1000)
	if err != nil {
		x.t.Fatal(err)
	}
	events := make([]map[string]any, len(shown))
	for i := range shown {
		if err := json.Unmarshal(shown[i], &events[i]); err != nil {
			x.t.Fatalf("%v: %s", err, shown[i])
		}
	}
	return r, events
}

func (x *fixture) accepted(got gatewaytest.Answer, first, last int) {
	x.t.Helper()
	if got.Status != 202 {
		x.t.Fatalf("%d %s, want 202", got.Status, got.Body)
	}
	a := got.JSON(x.t)
	if a["first_seq"] != float64(first) {
		x.t.Fatalf("first_seq: %v, want %v", a["first_seq"], float64(first))
	}
	if a["last_seq"] != float64(last) {
		x.t.Fatalf("last_seq: %v, want %v", a["last_seq"], float64(last))
	}
	if a["ok"] != true {
		x.t.Fatalf("ok: %v, want true", a["ok"])
	}
}

func TestEventsAreNumberedFromOneAndKeepTheirFields(t *testing.T) {
	x := setUp(t)
	x.accepted(x.append(`{"events":[{"kind":"status","text":"a < b & c","big":12345678901234567890,"deep":{"x":[1,null]}}]}`), 1, 1)
	x.accepted(x.append(`{"events":[{"kind":"assist"},{"kind":"status"}],"status":"running"}`), 2, 3)
	_, events := x.state()
	if len(events) != 3 {
		t.Fatalf("len(events): %v, want 3", len(events))
	}
	if events[0]["text"] != "a < b & c" {
		t.Fatalf("text: %v, want a < b & c", events[0]["text"])
	}
	if events[1]["kind"] != "assist" {
		t.Fatalf("kind: %v, want assist", events[1]["kind"])
	}
	for i, e := range events {
		if _, err := time.Parse(time.RFC3339, fmt.Sprint(e["at"])); err != nil {
			t.Errorf("at of event %d: %v", i+1, err)
		}
		expect.Same[any](t, fmt.Sprintf("seq of event %d", i+1), e["seq"], float64(i+1))
	}
}

func TestStatusEndsTheRunWithAnEndEvent(t *testing.T) {
	for body, want := range map[string]int{
		`{"status":"fail"}`:                                           1,
		`{"status":"fail","events":[]}`:                               1,
		`{"status":"fail","events":[{"kind":"status"}]}`:              2,
		`{"status":"fail","events":[{"kind":"end","reason":"x"}]}`:    1,
		`{"status":"fail","events":[{"kind":"end","status":"fail"}]}`: 1,
	} {
		x := setUp(t)
		x.accepted(x.append(body), 1, want)
		r, events := x.state()
		last := events[len(events)-1]
		expect.Same(t, body+": r's status", r.Status, run.Fail)
		expect.Same(t, body+": len(events)", len(events), want)
		expect.Same(t, body+": kind", last["kind"], "end")
		expect.Same(t, body+": status", last["status"], "fail")
	}
}

func TestFinishedRunTakesNoMoreEvents(t *testing.T) {
	x := setUp(t)
	x.accepted(x.append(`{"status":"pass"}`), 1, 1)
	for _, body := range []string{`{"events":[{"kind":"status"}]}`, `{"status":"pass"}`, `{"status":"fail"}`} {
		got := x.append(body)
		expect.Same(t, body+": status", got.Status, 409)
		expect.Same(t, body+": error_code", got.Code(t), "DUPLICATE_RESOURCE")
	}
	r, events := x.state()
	if r.Status != run.Pass {
		t.Fatalf("r's status: %v, want %v", r.Status, run.Pass)
	}
	if len(events) != 1 {
		t.Fatalf("len(events): %v, want 1", len(events))
	}
}

func TestRequestThatIsNotValidChangesNothing(t *testing.T) {
	x := setUp(t)
	many := `{"events":[` + strings.TrimSuffix(strings.Repeat(`{"kind":"status"},`, run.MaxEvents+1), ",") + `]}`
	event := func(fields string) string { return `{"events":[{"kind":"status",` + fields + `}]}` }
	for name, row := range map[string]struct{ body, code string }{
		"empty body":              {``, "INVALID_JSON"},
		"not JSON":                {`{"events":[}`, "INVALID_JSON"},
		"an array":                {`[]`, "VALIDATION_ERROR"},
		"nothing":                 {`{}`, "VALIDATION_ERROR"},
		"no event":                {`{"events":[]}`, "VALIDATION_ERROR"},
		"running alone":           {`{"status":"running"}`, "VALIDATION_ERROR"},
		"events of wrong type":    {`{"events":{}}`, "VALIDATION_ERROR"},
		"status of wrong type":    {`{"events":[{"kind":"status"}],"status":1}`, "VALIDATION_ERROR"},
		"unknown status":          {`{"events":[{"kind":"status"}],"status":"done"}`, "VALIDATION_ERROR"},
		"unknown field":           {`{"events":[{"kind":"status"}],"x":1}`, "VALIDATION_ERROR"},
		"too many events":         {many, "VALIDATION_ERROR"},
		"null event":              {`{"events":[null]}`, "VALIDATION_ERROR"},
		"event no object":         {`{"events":["status"]}`, "VALIDATION_ERROR"},
		"event without kind":      {`{"events":[{}]}`, "VALIDATION_ERROR"},
		"unknown kind":            {`{"events":[{"kind":"log"}]}`, "VALIDATION_ERROR"},
		"kind of wrong type":      {`{"events":[{"kind":1}]}`, "VALIDATION_ERROR"},
		"second kind in capitals": {event(`"Kind":"end"`), "VALIDATION_ERROR"},
		"own seq":                 {event(`"seq":1`), "VALIDATION_ERROR"},
		"own seq in capitals":     {event(`"SEQ":1`), "VALIDATION_ERROR"},
		"own at":                  {event(`"at":"2030-01-01T00:00:00Z"`), "VALIDATION_ERROR"},
		"too deep":                {event(`"x":` + strings.Repeat("[", 40) + strings.Repeat("]", 40)), "VALIDATION_ERROR"},
		"far too deep":            {event(`"x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000)), "INVALID_JSON"},
		"too large":               {event(`"x":"` + strings.Repeat("x", gateway.MaxBody) + `"`), "BODY_TOO_LARGE"},
		"end of a running run":    {`{"events":[{"kind":"end"}]}`, "VALIDATION_ERROR"},
		"end not last":            {`{"events":[{"kind":"end"},{"kind":"status"}],"status":"pass"}`, "VALIDATION_ERROR"},
		"end of another status":   {`{"events":[{"kind":"end","status":"fail"}],"status":"pass"}`, "VALIDATION_ERROR"},
	} {
		if got := x.append(row.body); got.Code(t) != row.code {
			t.Errorf("%s: %d %.200s, want %s", name, got.Status, got.Body, row.code)
		}
	}
	r, events := x.state()
	if r.Status != run.Running {
		t.Fatalf("r's status: %v, want %v", r.Status, run.Running)
	}
	if len(events) != 0 {
		t.Fatalf("len(events): %v, want 0", len(events))
	}
}
