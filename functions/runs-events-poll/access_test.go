package main

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/run"
)

func TestRunOfAnotherDoesNotExist(t *testing.T) {
	x := setUp(t, 0)
	x.append(1, 1, run.Running)
	for name, caller := range map[string]map[string]any{
		"another user":             gatewaytest.User("usr_B", "b@example.com", "admin", "admin read:events"),
		"a key of another user":    gatewaytest.Key("0123456789abcdef", "read_only", "usr_B", "prj_B", "read:events"),
		"a key of another project": gatewaytest.Key("0123456789abcdef", "read_only", "usr_A", "prj_B", "read:events"),
	} {
		x.caller = caller
		switch got := x.call(nil); {
		case got.Status != 404:
			t.Errorf("%s: status %d, want 404: %s", name, got.Status, got.Body)
		case got.Code(t) != "RESOURCE_NOT_FOUND":
			t.Errorf("%s: error_code: %v, want RESOURCE_NOT_FOUND", name, got.Code(t))
		}
	}
	x.caller = gatewaytest.Key("0123456789abcdef", "read_only", "usr_A", "prj_A", "read:events")
	if got := x.call(nil); got.Status != 200 {
		t.Errorf("a key of the project: %d %s, want 200", got.Status, got.Body)
	}
}

func TestTicketShowsItsRunAndNoOther(t *testing.T) {
	x := setUp(t, 0)
	x.append(1, 1, run.Running)
	other := run.New("usr_A", "prj_A", time.Hour, time.Now())
	if err := x.store.CreateRun(context.Background(), other); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		caller map[string]any
		want   int
	}{
		"for this run":                       {gatewaytest.Ticket("usr_A", x.run.ID), 200},
		"for another run of the same caller": {gatewaytest.Ticket("usr_A", other.ID), 404},
		"for no run":                         {gatewaytest.Ticket("usr_A", ""), 404},
	} {
		x.caller = row.caller
		if got := x.call(nil); got.Status != row.want {
			t.Errorf("a ticket %s: %d %s, want %d", name, got.Status, got.Body, row.want)
		}
	}
}
