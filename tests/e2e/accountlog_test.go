//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

type accountEntry struct {
	Action string
	Actor  struct{ Type, ID string }
	Detail map[string]string
	Count  int
}

// accountLog is the log that a route answers, oldest first: the actions.
func accountLog(t testing.TB, as, path string) (actions string, entries []accountEntry) {
	t.Helper()
	entries = decode[struct{ Entries []accountEntry }](t, get(t, as, path+"?limit=100").is(t, 200)).Entries
	var said []string
	for _, e := range entries {
		said = append([]string{e.Action}, said...)
	}
	return strings.Join(said, ", "), entries
}

func TestAccountsLogTellsThePersonAndAdministratorsWhatHappened(t *testing.T) {
	p := member(t)
	patchUser(t, admin(t).token, p.ID, object{"disabled": true}).is(t, 200)
	patchUser(t, admin(t).token, p.ID, object{"disabled": false}).is(t, 200)
	again := logIn(t, p.Email, p.password).Token

	want := "registered, signed_in, disabled, enabled, signed_in"
	own, _ := accountLog(t, again, "/v1/auth/log")
	expect.Same(t, "the person's log", own, want)
	seen, entries := accountLog(t, admin(t).token, "/v1/users/"+p.ID+"/log")
	expect.Same(t, "what an administrator sees", seen, want)
	expect.Same(t, "who enabled the account", entries[1].Actor.ID, admin(t).ID)
	if other := get(t, member(t).token, "/v1/users/"+p.ID+"/log"); other.status != 403 {
		t.Errorf("another member: status %d, want 403", other.status)
	}
	expect.Same(t, "without a credential: status", get(t, "", "/v1/auth/log").status, 401)
}

func TestAllOtherSessionsEndWithOneRequest(t *testing.T) {
	p := member(t)
	other := logIn(t, p.Email, p.password).Token
	send(t, request{method: "DELETE", path: "/v1/auth/sessions", as: p.token}).is(t, 204)
	expect.Same(t, "the other session: status", get(t, other, "/v1/auth/me").status, 401)
	log, _ := accountLog(t, p.token, "/v1/auth/log") // so this one stands
	expect.Same(t, "the log", log, "registered, signed_in, signed_in, sessions_ended")
}
