//go:build e2e

package main_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestFileOfKeysIsImportedInBatchesAndAgainWithoutHarm(t *testing.T) {
	h := signedIn(t)
	run := rand.Text()
	full := func(i int) string { return fmt.Sprintf("shop_%s_%03d", run, i) }
	var file strings.Builder
	const all = 230
	for i := range all {
		sum := sha256.Sum256([]byte(full(i)))
		hash := hex.EncodeToString(sum[:])
		if i == 7 || i == 205 {
			hash = "nonsense"
		}
		fmt.Fprintf(&file, `{"name": "imported %d", "scopes": ["read:stats"], "hash": "%s"}`+"\n", i, hash)
	}
	path := filepath.Join(t.TempDir(), "keys.jsonl")
	if err := os.WriteFile(path, []byte(strings.TrimSuffix(file.String(), "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	first := h.run(t, "", "keys", "import", path).is(t, 2)
	if first.out != "228 created, 0 there already, 2 refused\n" {
		t.Errorf("it says %q", first.out)
	}
	report, err := os.ReadFile(path + ".refused.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`{"line":8,`, `{"line":206,`, `"field":"hash"`} {
		if !strings.Contains(string(report), want) {
			t.Errorf("the report has no %s:\n%s", want, report)
		}
	}
	if n := strings.Count(string(report), "\n"); n != 2 {
		t.Errorf("the report has %d lines", n)
	}
	for _, i := range []int{0, 99, 100, 229} {
		if status, who := api(t, "GET", "/v1/auth/me", full(i), ""); status != 200 {
			t.Errorf("key %d: %d %v", i, status, who)
		}
	}
	if again := h.run(t, "", "keys", "import", path, "--from", "207", "--json").is(t, 0); !strings.Contains(again.out, `"exists": 24`) {
		t.Errorf("from line 207 it says %s", again.out)
	}
}

func TestAdministratorManagesUsersByCommand(t *testing.T) {
	h := signedIn(t)
	email, password := strings.ToLower(rand.Text())+"@example.com", rand.Text()
	status, made := api(t, "POST", "/v1/auth/register", asAdministrator(t), fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
	if status != 201 {
		t.Fatalf("register: %d %v", status, made)
	}
	id := made["user"].(map[string]any)["id"].(string)
	logIn := func() (int, map[string]any) {
		return api(t, "POST", "/v1/auth/login", "", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
	}
	list := h.run(t, "", "users", "list", "--search", strings.ToUpper(email[:10])).is(t, 0)
	if !strings.Contains(list.out, id) || strings.Count(list.out, "\n") != 2 {
		t.Errorf("a heading and the user, not:\n%s", list.out)
	}
	h.run(t, "", "users", "disable", email).is(t, 0)
	if status, body := logIn(); status != 403 || body["error_code"] != "ACCOUNT_DISABLED" {
		t.Errorf("disabled: %d %v", status, body)
	}
	if shown := h.run(t, "", "users", "get", id).is(t, 0); !strings.Contains(shown.out, "disabled") {
		t.Errorf("it shows no disabled user:\n%s", shown.out)
	}
	h.run(t, "", "users", "enable", email).is(t, 0)
	h.run(t, "", "users", "role", email, "admin").is(t, 0)
	if _, body := logIn(); body["user"].(map[string]any)["role"] != "admin" {
		t.Errorf("enabled, with another role: %v", body)
	}
	if log := h.run(t, "", "users", "log", email).is(t, 0); !strings.Contains(log.out, "disabled") || !strings.Contains(log.out, "role_changed") {
		t.Errorf("its log:\n%s", log.out)
	}
	h.run(t, "", "users", "role", email, "root").is(t, 2)
	one := h.newKey(t, "--scope", "read:stats")
	h.run(t, "", "keys", "edit", one.ID, "--owner", "nobody@example.com").is(t, 4)
	h.run(t, "", "keys", "edit", one.ID, "--owner", email).is(t, 0)
	time.Sleep(indexLag)
	if theirs := h.run(t, "", "keys", "list", "--owner", id).is(t, 0).out; !strings.Contains(theirs, one.ID) {
		t.Errorf("the key that was given to %s is not among theirs:\n%s", email, theirs)
	}
	h.run(t, "", "users", "handover", email, email).is(t, 2)
	h.run(t, "", "users", "handover", email, "nobody@example.com").is(t, 4)
	h.run(t, "", "users", "handover", email, adminEmail).is(t, 0)
	h.run(t, "", "users", "delete", email).is(t, 0)
	h.run(t, "", "users", "delete", id).is(t, 4)
	h.run(t, "", "users", "disable", email).is(t, 4)
	if status, _ := logIn(); status != 401 {
		t.Errorf("deleted: %d", status)
	}
}

func TestFileOfUsersIsImportedAndTheyLogIn(t *testing.T) {
	h := signedIn(t)
	email := strings.ToLower(rand.Text()) + "@example.com"
	path := filepath.Join(t.TempDir(), "users.jsonl")
	line := `{"email": "` + email + `", "password_hash": "$2b$06$V.YRs5h0DTLh/8ukNWpc6ucwWOcApcCM1mSAOSckOG0MR9rU52unq"}`
	if err := os.WriteFile(path, []byte("\n"+line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	h.run(t, "", "users", "import", path).is(t, 0)
	if again := h.run(t, "", "users", "import", path).is(t, 0); again.out != "0 created, 1 there already, 0 refused\n" {
		t.Errorf("it says %q", again.out)
	}
	status, body := api(t, "POST", "/v1/auth/login", "", `{"email": "`+email+`", "password": "correct horse battery staple"}`)
	if status != 200 {
		t.Errorf("the old password: %d %v", status, body)
	}
	h.run(t, "", "users", "import", path+".none").is(t, 2)
}
