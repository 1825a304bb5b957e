//go:build e2e

package main_test

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/release"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestKeyIsShownWhole(t *testing.T) {
	h := signedIn(t)
	k := h.newKey(t, "--expires", "90d", "--allow", "127.0.0.1", "--meta", "team=cli", "--limit", "read=600")
	time.Sleep(indexLag)
	shown := h.run(t, "", "keys", "get", k.ID).is(t, 0).out
	for _, want := range []string{k.ID, "cli test", "active", "127.0.0.1", "team=cli", "read=600"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is not shown:\n%s", want, shown)
		}
	}
	if strings.Contains(shown, k.Key) {
		t.Errorf("the whole key is shown:\n%s", shown)
	}
	if got := decode[key](t, h.run(t, "", "keys", "get", k.ID, "--json").is(t, 0)); got.ID != k.ID {
		t.Errorf("id: %s, want %s", got.ID, k.ID)
	}
	h.run(t, "", "keys", "get", "0000000000000000").is(t, 4)
}

func TestProjectIsMadeAndListed(t *testing.T) {
	h := signedIn(t)
	id := strings.TrimSpace(h.run(t, "", "projects", "create", "by command", "--key-prefix", "cmd_live_").is(t, 0).out)
	if shown := h.run(t, "", "projects", "list").is(t, 0).out; !strings.Contains(shown, id) || !strings.Contains(shown, "cmd_live_") {
		t.Errorf("the list has no %s with the prefix cmd_live_:\n%s", id, shown)
	}
	made := h.newKey(t, "--project", id)
	if !strings.HasPrefix(made.Key, "cmd_live_") {
		t.Errorf("a key of the project begins with %.9s, want cmd_live_", made.Key)
	}
	h.run(t, "", "projects", "create", "x", "--key-prefix", "sk_").is(t, 2)
}

func TestScopesAreListedAndCompleted(t *testing.T) {
	h := signedIn(t)
	if shown := h.run(t, "", "scopes").is(t, 0).out; !strings.Contains(shown, "read:stats ") {
		t.Errorf("read:stats is not listed:\n%s", shown)
	}
	k := h.newKey(t)
	time.Sleep(indexLag)
	for _, row := range []struct{ args, want string }{
		{"keys create x --scope read:st", "read:stats\t"},
		{"keys create x --scope read:events,read:st", "read:events,read:stats\t"},
		{"keys create x --type re", "read_only\n"},
		{"keys revoke " + k.ID[:4], k.ID + "\tcli test\n"},
		{"keys create x --project p", "\tDefault\n"},
		{"users get " + adminEmail[:3], adminEmail + "\tadmin\n"},
		{"users handover x@example.com " + adminEmail[:3], adminEmail + "\tadmin\n"},
		{"users role x@example.com a", "admin\n"},
	} {
		// The shell calls __complete with what stands in the line.
		if got := h.run(t, "", append([]string{"__complete"}, strings.Fields(row.args)...)...).is(t, 0); !strings.Contains(got.out, row.want) {
			t.Errorf("latchkey %s is completed by %q, want %q among them", row.args, got.out, row.want)
		}
	}
}

func TestVersionIsTold(t *testing.T) {
	for _, asked := range []string{"--version", "version"} {
		expect.Same(t, asked, newHome(t).run(t, "", asked).is(t, 0).out, "latchkey version "+release.Version+"\n")
	}
}

func TestWhoIsSignedOutIsToldSo(t *testing.T) {
	h := newHome(t)
	h.env = append(h.env, "LATCHKEY_URL=")
	h.run(t, adminPassword, "login", "--url", apiURL, "--email", adminEmail, "--password-stdin").is(t, 0)
	h.run(t, "", "keys", "list").is(t, 0)
	h.run(t, "", "logout").is(t, 0)
	if got := h.run(t, "", "keys", "list").is(t, 3); !strings.Contains(got.errors, "latchkey login") {
		t.Errorf("after the logout: %q", got.errors)
	}
}
