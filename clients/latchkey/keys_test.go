//go:build e2e

package main_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestKeyLivesAndDiesByCommand(t *testing.T) {
	h := signedIn(t)
	made := h.run(t, "", "keys", "create", "by command", "--scope", "read:stats,read:events", "--expires", "90d", "--meta", "team=cli", "--allow", "127.0.0.1").is(t, 0)
	full := strings.TrimSuffix(made.out, "\n")
	status, who := api(t, "GET", "/v1/auth/me", full, "")
	if status != 200 {
		t.Fatalf("standard output is not the key alone: %d %v", status, who)
	}
	id := who["credential"].(map[string]any)["id"].(string)

	list := h.run(t, "", "keys", "list").is(t, 0)
	if !strings.Contains(list.out, id) {
		t.Errorf("the list has no %s:\n%s", id, list.out)
	}
	if strings.Contains(list.out, full) {
		t.Errorf("the list shows the whole key:\n%s", list.out)
	}
	next := strings.TrimSpace(h.run(t, "", "keys", "regenerate", id, "--grace", "1m").is(t, 0).out)
	for _, good := range []string{full, next} {
		if status, _ := api(t, "GET", "/v1/auth/me", good, ""); status != 200 {
			t.Errorf("in the grace: %d", status)
		}
	}
	verified := h.run(t, next+"\n", "keys", "verify", "--key-stdin", "--scope", "read:stats", "--address", "127.0.0.1").is(t, 0)
	if want := "VALID\t" + id + "\tby command\tread:events,read:stats\n"; verified.out != want {
		t.Errorf("a good key is verified as %q, want %q", verified.out, want)
	}
	h.run(t, next+"\n", "keys", "verify", "--key-stdin", "--dry-run", "--scope", "read:offers", "--address", "127.0.0.1").is(t, 3)
	h.run(t, "not a key\n", "keys", "verify", "--key-stdin", "--json").is(t, 3)
	h.run(t, "", "keys", "disable", id).is(t, 0)
	if status, body := api(t, "GET", "/v1/auth/me", next, ""); status != 401 || body["error_code"] != "API_KEY_DISABLED" {
		t.Errorf("a disabled key is answered %d %v", status, body)
	}
	h.run(t, "", "keys", "enable", id).is(t, 0)
	edited := decode[map[string]any](t, h.run(t, "", "keys", "edit", id, "--label", "edited", "--scope", "read:stats", "--expires", "never",
		"--limit", "read=500,write=default", "--allow", "all", "--meta", "team=web", "--meta", "a=b", "--drop-meta", "a", "--quota", "500/day", "--json").is(t, 0))
	for field, want := range map[string]string{
		"label": "edited", "scopes": "[read:stats]", "expires_at": "<nil>", "rate_limit": "map[read:500]", "allowed_ips": "[]", "metadata": "map[team:web]",
	} {
		if got := fmt.Sprint(edited[field]); got != want {
			t.Errorf("its %s is %s, want %s", field, got, want)
		}
	}
	if out := strings.Join(strings.Fields(h.run(t, "", "keys", "get", id).is(t, 0).out), " "); !strings.Contains(out, "quota 500 of 500 left this day metadata") {
		t.Errorf("its quota is not shown in %s", out)
	}
	h.run(t, "", "keys", "edit", id).is(t, 2)
	h.run(t, "", "keys", "edit", id, "--limit", "read=many").is(t, 2)
	h.run(t, "", "keys", "edit", id, "--quota", "5/week").is(t, 2)
	h.run(t, "", "keys", "revoke", id).is(t, 0)
	h.run(t, "", "keys", "enable", id).is(t, 1)
	switch status, body := api(t, "GET", "/v1/auth/me", next, ""); {
	case status != 401:
		t.Errorf("status %d, want 401: %v", status, body)
	case body["error_code"] != "API_KEY_REVOKED":
		t.Errorf("error_code: %v, want API_KEY_REVOKED", body["error_code"])
	}
	h.run(t, "", "keys", "regenerate", id).is(t, 1)
	h.run(t, "", "keys", "delete", id).is(t, 0)
	h.run(t, "", "keys", "delete", id).is(t, 4)

	var actions []string
	for _, e := range decode[[]struct{ Action string }](t, h.run(t, "", "keys", "log", id, "--json").is(t, 0)) {
		if e.Action != "used" {
			actions = append(actions, e.Action)
		}
	}
	if want := []string{"deleted", "revoked", "updated", "updated", "updated", "regenerated", "created"}; !slices.Equal(actions, want) {
		t.Errorf("the log says %v", actions)
	}
	table := h.run(t, "", "keys", "log", id, "--limit", "1").is(t, 0)
	if strings.Count(table.out, "\n") != 2 {
		t.Errorf("%d lines, want a heading and one entry:\n%s", strings.Count(table.out, "\n"), table.out)
	}
	if !strings.Contains(table.out, "deleted") {
		t.Errorf("the newest entry is not deleted:\n%s", table.out)
	}
}

func TestAdministratorListsAndRevokesTheKeysOfOthersByCommand(t *testing.T) {
	h := signedIn(t)
	email, password := strings.ToLower(rand.Text())+"@example.com", rand.Text()
	token := asAdministrator(t)
	status, made := api(t, "POST", "/v1/auth/register", token, fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
	if status != 201 {
		t.Fatalf("register: %d %v", status, made)
	}
	owner := made["user"].(map[string]any)["id"].(string)
	_, in := api(t, "POST", "/v1/auth/login", "", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
	status, key := api(t, "POST", "/v1/api-keys", in["token"].(string), `{"label":"left behind"}`)
	if status != 201 {
		t.Fatalf("create: %d %v", status, key)
	}
	id := key["id"].(string)
	if own := h.run(t, "", "keys", "list").is(t, 0); strings.Contains(own.out, id) {
		t.Errorf("the administrator's own keys have it:\n%s", own.out)
	}
	for _, which := range [][]string{{"--all"}, {"--owner", owner}} {
		list := h.run(t, "", append([]string{"keys", "list"}, which...)...).is(t, 0)
		if !strings.Contains(list.out, id) || !strings.Contains(list.out, email) {
			t.Errorf("%v shows no %s of %s:\n%s", which, id, email, list.out)
		}
	}
	h.run(t, "", "keys", "list", "--all", "--owner", owner).is(t, 2)
	h.run(t, "", "keys", "revoke", id).is(t, 0)
	switch status, body := api(t, "GET", "/v1/auth/me", key["key"].(string), ""); {
	case status != 401:
		t.Errorf("status %d, want 401: %v", status, body)
	case body["error_code"] != "API_KEY_REVOKED":
		t.Errorf("error_code: %v, want API_KEY_REVOKED", body["error_code"])
	}
}

func asAdministrator(t *testing.T) string {
	t.Helper()
	status, in := api(t, "POST", "/v1/auth/login", "", fmt.Sprintf(`{"email":%q,"password":%q}`, adminEmail, adminPassword))
	if status != 200 {
		t.Fatalf("login: %d %v", status, in)
	}
	return in["token"].(string)
}

func TestSecretKeyMakesKeysWithoutALogin(t *testing.T) {
	secret := signedIn(t).newKey(t, "--type", "secret")
	h := newHome(t, "LATCHKEY_API_KEY="+secret.Key)
	made := h.newKey(t, "--scope", "write:events")
	defer signedIn(t).run(t, "", "keys", "delete", made.ID)
	h.run(t, "", "keys", "list").is(t, 3)
}

func TestTokenFromAKeyOpensTheAPI(t *testing.T) {
	k := signedIn(t).newKey(t, "--scope", "read:stats,read:events")
	h := newHome(t, "LATCHKEY_API_KEY="+k.Key)
	token := strings.TrimSpace(h.run(t, "", "token", "--scope", "read:stats").is(t, 0).out)
	status, who := api(t, "GET", "/v1/auth/me", token, "")
	if status != 200 {
		t.Fatalf("status %d, want 200: %v", status, who)
	}
	if who["credential"].(map[string]any)["type"] != "client" {
		t.Errorf("type: %v, want client", who["credential"].(map[string]any)["type"])
	}
	piped := decode[map[string]any](t, newHome(t).run(t, k.Key+"\n", "token", "--key-stdin", "--json").is(t, 0))
	if piped["scope"] != "read:stats read:events" && piped["scope"] != "read:events read:stats" {
		t.Errorf("the scope is %v, want read:stats and read:events", piped["scope"])
	}
	newHome(t, "LATCHKEY_API_KEY="+k.Key[:len(k.Key)-1]+"~").run(t, "", "token").is(t, 3)
}

func TestExitCodesTellScriptsWhatHappened(t *testing.T) {
	h := signedIn(t)
	for _, row := range []struct {
		home  home
		stdin string
		exit  int
		args  string
	}{
		{h, "", 0, "keys"},
		{h, "", 0, "completion bash"},
		{h, "", 1, "whoami --url http://127.0.0.1:1 --no-wait"},
		{h, "", 2, "bogus"},
		{h, "", 2, "keys bogus"},
		{h, "", 2, "keys revoke"},
		{h, "", 2, "keys list --bogus"},
		{h, "", 2, "keys revoke .."},
		{h, "", 2, "keys create x --expires tomorrow"},
		{h, "", 2, "keys create x --scope read:bogus"},
		{h, "", 2, "login --email x@example.com"},
		{h, "", 2, "login --email x@example.com --password-stdin"},
		{h, "wrong", 3, "login --email x@example.com --password-stdin"},
		{newHome(t), "", 3, "whoami"},
		{h, "", 4, "keys revoke 0000000000000000"},
		{h, "", 4, "runs tail run_AAAAAAAAAAAAAAAAAAAAAAAAAA"},
	} {
		if row.exit == 1 { // a key, because nobody is signed in there
			row.home = newHome(t, "LATCHKEY_API_KEY=gf_anything")
		}
		r := row.home.run(t, row.stdin, strings.Fields(row.args)...)
		if r.exit != row.exit {
			t.Errorf("latchkey %s: ended with %d, want %d\n%s", r.args, r.exit, row.exit, r.errors)
		}
		if (row.exit == 0) != (r.errors == "") {
			t.Errorf("latchkey %s: ends with %d and says %q as its error", r.args, row.exit, r.errors)
		}
	}
}

func TestLimitThatIsNotWaitedOutEndsWithFive(t *testing.T) {
	limited := signedIn(t).newKey(t, "--limit", "read=1")
	h := newHome(t, "LATCHKEY_API_KEY="+limited.Key)
	for range 3 { // a window may end between two of them, and not between three
		if h.run(t, "", "whoami", "--no-wait").exit == 5 {
			return
		}
	}
	t.Error("a key with one request a window had three")
}
