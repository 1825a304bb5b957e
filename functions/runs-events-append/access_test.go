package main

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestRunOfAnotherDoesNotExist(t *testing.T) {
	x := setUp(t)
	body := `{"events":[{"kind":"status"}]}`
	for name, change := range map[string]func(*gatewaytest.Call){
		"another user": func(c *gatewaytest.Call) {
			c.Authorizer = gatewaytest.User("usr_B", "b@example.com", "admin", "admin write:events")
		},
		"a key of another user": func(c *gatewaytest.Call) {
			c.Authorizer = gatewaytest.Key("0123456789abcdeF", "secret", "usr_B", "prj_B", "write:events")
		},
		"a key of another project": func(c *gatewaytest.Call) {
			c.Authorizer = gatewaytest.Key("0123456789abcdeF", "secret", "usr_A", "prj_B", "write:events")
		},
		"a run that never was":           func(c *gatewaytest.Call) { c.Path["id"] = run.New("", "", 0, time.Now()).ID },
		"an id with a slash":             func(c *gatewaytest.Call) { c.Path["id"] = "run_/../x" },
		"an id of 2,000 characters":      func(c *gatewaytest.Call) { c.Path["id"] = strings.Repeat("A", 2000) },
		"an id with a control character": func(c *gatewaytest.Call) { c.Path["id"] = x.run.ID + "%00" },
	} {
		got := x.append(body, change)
		expect.Same(t, name+": status", got.Status, 404)
		expect.Same(t, name+": error_code", got.Code(t), "RESOURCE_NOT_FOUND")
	}
	if _, events := x.state(); len(events) != 0 {
		t.Fatalf("%v was written", events)
	}
}

func TestRefusedCredentialWritesNothing(t *testing.T) {
	x := setUp(t)
	got := x.append(`{"events":[{"kind":"status"}]}`, func(c *gatewaytest.Call) { c.Authorizer = gatewaytest.Refused("API_KEY_REVOKED") })
	expect.Same(t, "status", got.Status, 401)
	expect.Same(t, "error_code", got.Code(t), "API_KEY_REVOKED")
	if _, events := x.state(); len(events) != 0 {
		t.Fatalf("%v was written", events)
	}
}
