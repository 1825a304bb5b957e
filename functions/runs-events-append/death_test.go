package main

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestAppendWhoseProcessWasKilledIsDoneOnceWhenItIsRepeated(t *testing.T) {
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		r := run.New("usr_A", "prj_A", time.Hour, time.Now())
		if err := s.CreateRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		x := &fixture{t, s, gateway.Protected(handler{s}.serve), r, gatewaytest.Key("0123456789abcdef", "client", "usr_A", "prj_A", "write:events")}
		body := `{"events":[{"kind":"status"},{"kind":"assist"}],"status":"pass"}`
		life.Of(func() { x.append(body, repeatable("a")) })
		x.accepted(x.append(body, repeatable("a")), 1, 3)
		now, events := x.state()
		expect.Same(t, "the events", len(events), 3)
		expect.Same(t, "the status", now.Status, run.Pass)
	})
}
