//go:build e2e

package e2e

import (
	"net/url"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

func TestClientEndsASessionOfItsOwnerByItsToken(t *testing.T) {
	p := member(t)
	k := newKey(t, p.token, nil)
	form := url.Values{"client_id": {k.ID}, "client_secret": {k.Key}, "token": {p.token}}
	post(t, "", "/oauth/revoke", form).is(t, 200)
	get(t, p.token, "/v1/auth/me").refused(t, 401, "TOKEN_INVALID")
	_, entries := accountLog(t, admin(t).token, "/v1/users/"+p.ID+"/log")
	expect.Same(t, "what the log says", entries[0].Action, "session_ended")
	expect.Same(t, "who ended the session", entries[0].Actor.ID, k.ID)
}
