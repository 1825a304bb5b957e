package main

import (
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
)

func repeatable(key string) func(*gatewaytest.Call) {
	return func(c *gatewaytest.Call) { c.Header["idempotency-key"] = key }
}

func TestRepeatedRequestIsAppendedOnce(t *testing.T) {
	x := setUp(t)
	first := `{"events":[{"kind":"status"}]}`
	x.accepted(x.append(first, repeatable("a")), 1, 1)
	x.accepted(x.append(first, repeatable("a")), 1, 1)
	x.accepted(x.append(first, repeatable("b")), 2, 2)
	x.accepted(x.append(`{"status":"pass"}`, repeatable("end")), 3, 3)
	x.accepted(x.append(`{"status":"pass"}`, repeatable("end")), 3, 3)
	x.accepted(x.append(first, repeatable("a")), 1, 1)
	if got := x.append(`{"events":[{"kind":"assist"}]}`, repeatable("a")); got.Status != 422 {
		t.Errorf("another request under the same key: %d %s, want 422", got.Status, got.Body)
	}
	for _, key := range []string{"with space", "ü", strings.Repeat("k", 256)} {
		if got := x.append(first, repeatable(key)); got.Code(t) != "INVALID_PARAMETER" {
			t.Errorf("key %.20q: %d %s, want 400", key, got.Status, got.Body)
		}
	}
	if _, events := x.state(); len(events) != 3 {
		t.Fatalf("%d events, want 3", len(events))
	}
}

func TestIdempotencyKeyOfAnotherCallerIsAnotherKey(t *testing.T) {
	x := setUp(t)
	body := `{"events":[{"kind":"status"}]}`
	x.accepted(x.append(body, repeatable("a")), 1, 1)
	x.accepted(x.append(body, repeatable("a"), func(c *gatewaytest.Call) {
		c.Authorizer = gatewaytest.User("usr_A", "a@example.com", "member", "write:events")
	}), 2, 2)
}
