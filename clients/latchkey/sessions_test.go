//go:build e2e

package main_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

type listedSession struct {
	ID      string
	Current bool
}

func TestSessionsAreListedAndEndedByCommandAndTheLogTellsIt(t *testing.T) {
	h := newHome(t)
	email, password := strings.ToLower(rand.Text())+"@example.com", rand.Text()
	account := fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
	if status, made := api(t, "POST", "/v1/auth/register", asAdministrator(t), account); status != 201 {
		t.Fatalf("register: %d %v", status, made)
	}
	logIn := func() (token string) {
		t.Helper()
		_, body := api(t, "POST", "/v1/auth/login", "", account)
		return body["token"].(string)
	}
	first := logIn()
	h.run(t, password, "login", "--email", email, "--password-stdin").is(t, 0)
	time.Sleep(indexLag)
	var list []listedSession
	if err := json.Unmarshal([]byte(h.run(t, "", "sessions", "list", "--json").is(t, 0).out), &list); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the number of sessions", len(list), 2)
	expect.Same(t, "the newest is this one", list[0].Current && !list[1].Current, true)
	h.run(t, "", "sessions", "end", list[1].ID).is(t, 0)
	h.run(t, "", "sessions", "end", list[1].ID).is(t, 4)
	status, _ := api(t, "GET", "/v1/auth/me", first, "")
	expect.Same(t, "the ended session: status", status, 401)

	second := logIn()
	h.run(t, "", "sessions", "end", "--others").is(t, 0)
	status, _ = api(t, "GET", "/v1/auth/me", second, "")
	expect.Same(t, "another session: status", status, 401)
	h.run(t, "", "sessions", "end").is(t, 2)
	h.run(t, "", "sessions", "end", list[0].ID, "--others").is(t, 2)
	for _, want := range []string{"registered", "signed_in", "session_ended", "sessions_ended", "session=", "Go-http-client"} {
		if log := h.run(t, "", "log").is(t, 0).out; !strings.Contains(log, want) {
			t.Errorf("the log has no %s:\n%s", want, log)
		}
	}
}
