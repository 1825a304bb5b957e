package main

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func setUp(t *testing.T) (*store.Store, run.Run, func(caller map[string]any, id string) gatewaytest.Answer) {
	t.Helper()
	s := storetest.New(t)
	r := run.New("usr_A", "prj_A", time.Hour, time.Now().Add(-time.Minute))
	if err := s.CreateRun(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	f := gateway.Protected(handler{s}.serve)
	return s, r, func(caller map[string]any, id string) gatewaytest.Answer {
		return gatewaytest.Do(t, f, gatewaytest.Call{
			Method: "GET", Resource: "/v1/runs/{id}", Path: map[string]string{"id": id}, Authorizer: caller,
		})
	}
}

func TestRunSaysHowItStandsAndWhenItEnded(t *testing.T) {
	s, r, get := setUp(t)
	caller := gatewaytest.Key("0123456789abcdef", "read_only", "usr_A", "prj_A", "read:events")
	show := func() run.View {
		t.Helper()
		got := get(caller, r.ID)
		var v run.View
		if err := json.Unmarshal([]byte(got.Body), &v); err != nil || got.Status != 200 {
			t.Fatalf("%d %s: %v", got.Status, got.Body, err)
		}
		return v
	}
	running := show()
	expect.Same(t, "while it runs: running's status", running.Status, "running")
	if running.EndedAt != nil {
		t.Errorf("while it runs: running.EndedAt: %v, want none", running.EndedAt)
	}
	expect.Same(t, "while it runs: running.DurationMS", running.DurationMS, 0)
	expect.Same(t, "while it runs: running.LastSeq", running.LastSeq, 0)
	expect.Same(t, "running.ID", running.ID, r.ID)
	expect.Same(t, "running.Project", running.Project, "prj_A")
	expect.Same(t, "running.ProjectID", running.ProjectID, "prj_A")
	if running.Steps == nil {
		t.Error("there is no running.Steps")
	}
	if !running.StartedAt.Equal(r.CreatedAt) {
		t.Errorf("running.StartedAt: %v, want %v", running.StartedAt, r.CreatedAt)
	}
	if !running.StartedAt2.Equal(r.CreatedAt) {
		t.Errorf("running.StartedAt2: %v, want %v", running.StartedAt2, r.CreatedAt)
	}
	ended := time.Now()
	last := run.Append{Status: run.Fail, At: ended, Events: []json.RawMessage{[]byte(`{"kind":"status"}`), []byte(`{"kind":"end"}`)}}
	if _, err := s.AppendEvents(context.Background(), r, last); err != nil {
		t.Fatal(err)
	}
	done := show()
	expect.Same(t, "after its end: done's status", done.Status, "fail")
	expect.Same(t, "after its end: done.LastSeq", done.LastSeq, 2)
	if done.EndedAt == nil {
		t.Fatal("there is no done.EndedAt")
	}
	if !done.EndedAt.Equal(ended) {
		t.Errorf("done.EndedAt: %v, want %v", done.EndedAt, ended)
	}
	if done.DurationMS < 60_000 || done.DurationMS > 70_000 {
		t.Errorf("done.DurationMS: %v is out of range", done.DurationMS)
	}
}

func TestRunOfAnotherDoesNotExist(t *testing.T) {
	_, r, get := setUp(t)
	good := gatewaytest.User("usr_A", "a@example.com", "member", "read:events")
	for name, row := range map[string]struct {
		caller map[string]any
		id     string
	}{
		"another user":             {gatewaytest.User("usr_B", "b@example.com", "admin", "admin read:events"), r.ID},
		"a key of another user":    {gatewaytest.Key("0123456789abcdef", "read_only", "usr_B", "prj_B", "read:events"), r.ID},
		"a key of another project": {gatewaytest.Key("0123456789abcdef", "read_only", "usr_A", "prj_B", "read:events"), r.ID},
		"an id of nobody's":        {good, "run_AAAAAAAAAAAAAAAAAAAAAAAAAA"},
		"no id":                    {good, "x"},
	} {
		got := get(row.caller, row.id)
		expect.Same(t, name+": status", got.Status, 404)
		expect.Same(t, name+": error_code", got.Code(t), "RESOURCE_NOT_FOUND")
	}
}

// A ticket is for the poll: this function is not told to take it.
func TestTicketIsNoCredentialHere(t *testing.T) {
	_, r, get := setUp(t)
	if got := get(gatewaytest.Ticket("usr_A", r.ID), r.ID); got.Status != 401 {
		t.Errorf("%d %s, want 401", got.Status, got.Body)
	}
}
