//go:build e2e

package main_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestCustomerLivesAndDiesByCommand(t *testing.T) {
	h := signedIn(t)
	name := "acme " + rand.Text()
	id := strings.TrimSpace(h.run(t, "", "customers", "create", name, "--name", "Acme", "--scope", "read:stats", "--quota", "500/day", "--meta", "plan=pro").is(t, 0).out)
	if !strings.HasPrefix(id, "cus_") {
		t.Fatalf("standard output is not the id alone: %q", id)
	}
	h.run(t, "", "customers", "create", name).is(t, 1)
	h.run(t, "", "customers", "create", "x", "--quota", "5/week").is(t, 2)
	full := strings.TrimSpace(h.run(t, "", "keys", "create", "for it", "--customer", name).is(t, 0).out)
	shown := strings.Join(strings.Fields(h.run(t, "", "customers", "get", name).is(t, 0).out), " ")
	for _, text := range []string{"id " + id, "external id " + name, "name Acme", "status active", "scopes read:stats", "quota 500 of 500 left this day", "metadata plan=pro"} {
		if !strings.Contains(shown, text) {
			t.Errorf("%q is not shown in %s", text, shown)
		}
	}
	edited := decode[map[string]any](t, h.run(t, "", "customers", "edit", id, "--name", "", "--scope", "all", "--limit", "read=500", "--quota", "none", "--meta", "a=b", "--drop-meta", "plan", "--json").is(t, 0))
	for field, want := range map[string]string{
		"name": "", "scopes": "<nil>", "rate_limit": "map[read:500]", "quota": "<nil>", "metadata": "map[a:b]", "external_id": name,
	} {
		if got := fmt.Sprint(edited[field]); got != want {
			t.Errorf("its %s is %s, want %s", field, got, want)
		}
	}
	h.run(t, "", "customers", "edit", id, "--limit", "read=none").is(t, 0)
	h.run(t, "", "customers", "edit", id).is(t, 2)
	h.run(t, "", "customers", "edit", id, "--limit", "read=default").is(t, 2)
	answers := func(step, want string) {
		t.Helper()
		if _, body := api(t, "GET", "/v1/auth/me", full, ""); fmt.Sprint(body["error_code"]) != want {
			t.Errorf("%s, its key is answered %v, want %s", step, body, want)
		}
	}
	answers("enabled", "<nil>")
	h.run(t, "", "customers", "disable", name).is(t, 0)
	answers("disabled", "API_KEY_DISABLED")
	h.run(t, "", "customers", "enable", id).is(t, 0)
	answers("enabled again", "<nil>")
	h.run(t, "", "audit", "verify", id).is(t, 0)
	h.run(t, "", "customers", "delete", name, "--yes").is(t, 0)
	answers("deleted", "API_KEY_REVOKED")
	h.run(t, "", "customers", "delete", id).is(t, 4)
	h.run(t, "", "customers", "get", name).is(t, 4)
	h.run(t, "", "keys", "create", "x", "--customer", name).is(t, 4)
	log := h.run(t, "", "customers", "log", id, "--json").is(t, 0)
	var actions []string
	for _, e := range decode[[]struct{ Action string }](t, log) {
		actions = append(actions, e.Action)
	}
	if want := []string{"deleted", "enabled", "disabled", "updated", "updated", "created"}; !slices.Equal(actions, want) {
		t.Errorf("its log has %v, want %v", actions, want)
	}
	if strings.Contains(log.out, name) {
		t.Errorf("its log names it after its deletion: %s", log.out)
	}
	h.run(t, "", "audit", "verify", id).is(t, 0)
}

func TestCustomersAndTheirKeysAreListedAndCompleted(t *testing.T) {
	h := signedIn(t)
	name := "listed-" + rand.Text()
	id := strings.TrimSpace(h.run(t, "", "customers", "create", name, "--name", "The Listed Company").is(t, 0).out)
	h.run(t, "", "keys", "create", "of the listed", "--customer", id).is(t, 0)
	for line, want := range map[string]string{
		"customers list --search " + strings.ToLower(name):         id,
		"customers list --json":                                    `"external_id": "` + name + `"`,
		"keys list --customer " + name:                             "of the listed",
		"__complete customers get " + name[:len("listed-")]:        name + "\tThe Listed Company",
		"__complete keys list --customer " + name[:len("listed-")]: name,
	} {
		eventually(t, line, func() bool { return strings.Contains(h.run(t, "", strings.Fields(line)...).is(t, 0).out, want) })
	}
	h.run(t, "", "keys", "list", "--customer", id, "--all").is(t, 2)
	h.run(t, "", "customers", "list", "--search", "nobody "+rand.Text()).is(t, 0)
	h.run(t, "", "customers", "get", "cus_x").is(t, 4)
}

// eventually waits for an index, which follows its table a little later.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Errorf("20 s later: %s does not hold", what)
			return
		}
	}
}
