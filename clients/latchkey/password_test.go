//go:build e2e

package main_test

import (
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

func TestInvitedUserChoosesAPasswordAndChangesItByCommand(t *testing.T) {
	admin, email := signedIn(t), "invited-"+strings.ToLower(rand.Text())+"@example.com"
	admin.run(t, "", "users", "invite", email).is(t, 0)
	time.Sleep(indexLag)
	shown := strings.TrimSpace(admin.run(t, "", "users", "link", email, "--purpose", "invitation", "--show").is(t, 0).out)
	_, token, _ := strings.Cut(shown, "#/invitation?token=")
	first, second := rand.Text(), rand.Text()
	res, err := http.Post(apiURL+"/v1/auth/password/reset", "application/json", strings.NewReader(`{"token":"`+token+`","password":"`+first+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	expect.Same(t, "the answer to the link", res.StatusCode, 204)

	h := newHome(t)
	h.run(t, first, "login", "--email", email, "--password-stdin").is(t, 0)
	h.run(t, "wrong\n"+second+"\n", "password", "--password-stdin").is(t, 2)
	h.run(t, first+"\n"+second+"\n", "password", "--password-stdin").is(t, 0)
	h.run(t, "", "whoami").is(t, 0)
	newHome(t).run(t, second, "login", "--email", email, "--password-stdin").is(t, 0)
	admin.run(t, "", "users", "delete", email, "--yes").is(t, 0)
}
