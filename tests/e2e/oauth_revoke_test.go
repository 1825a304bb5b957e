//go:build e2e

package e2e

import (
	"net/http"
	"net/url"
	"testing"
)

func TestClientEndsASessionOfItsOwnerByItsToken(t *testing.T) {
	p := member(t)
	k := newKey(t, p.token, nil)
	form := url.Values{"client_id": {k.ID}, "client_secret": {k.Key}, "token": {p.token}}
	if a := oauthCall(t, http.MethodPost, "/oauth/revoke", "", form); a.status != http.StatusOK {
		t.Fatalf("POST /oauth/revoke: %d %s", a.status, a.text)
	}
	send(t, request{method: http.MethodGet, path: "/v1/auth/me", as: p.token}).refused(t, 401, "TOKEN_INVALID")
}
