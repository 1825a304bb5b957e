//go:build e2e

package e2e

import (
	"net/url"
	"testing"
)

func TestClientEndsASessionOfItsOwnerByItsToken(t *testing.T) {
	p := member(t)
	k := newKey(t, p.token, nil)
	form := url.Values{"client_id": {k.ID}, "client_secret": {k.Key}, "token": {p.token}}
	post(t, "", "/oauth/revoke", form).is(t, 200)
	get(t, p.token, "/v1/auth/me").refused(t, 401, "TOKEN_INVALID")
}
