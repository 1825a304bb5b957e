//go:build e2e

package e2e

import (
	"net/url"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

// A client key is in the hands of everybody who has the app.
func TestClientKeyIsNotToldItsOwnersEmail(t *testing.T) {
	p := admin(t)
	k := newKey(t, p.token, object{"type": "client"})
	token := post(t, "", "/oauth/token", clientForm(k)).is(t, 200).text(t, "access_token")
	introspection := clientForm(k)
	introspection.Set("token", token)
	for name, a := range map[string]answer{
		"GET /v1/auth/me with the key":             get(t, k.Key, me),
		"GET /v1/auth/me with a token":             get(t, token, me),
		"GET /api/v1/users/me with the key":        get(t, k.Key, "/api/v1/users/me"),
		"GET /v1/projects with the key":            get(t, k.Key, "/v1/projects"),
		"POST /oauth/introspect with the key":      post(t, "", "/oauth/introspect", introspection),
		"POST /v1/runs with the key":               post(t, k.Key, "/v1/runs", object{}),
		"a refused GET /v1/api-keys with the key":  get(t, k.Key, "/v1/api-keys"),
		"POST /oauth/token with the key as a form": post(t, "", "/oauth/token", clientForm(k)),
	} {
		if strings.Contains(string(a.body), p.Email) {
			t.Errorf("%s: it shows the owner's e-mail address: %s", name, a.body)
		}
		if a.status/100 != 2 && a.status != 403 {
			t.Errorf("%s: status %d: %s", name, a.status, a.body)
		}
	}
	server := newKey(t, p.token, object{"type": "secret"})
	shown := get(t, server.Key, "/api/v1/users/me").is(t, 200).text(t, "email")
	expect.Same(t, "what a key of type secret is told", shown, p.Email)
}

func TestKeyListsItsOwnProjectOnlyAlsoWithTheScopeAdmin(t *testing.T) {
	p := admin(t)
	own, another := newProject(t, p.token, "own_"), newProject(t, p.token, "another_")
	k := newKey(t, p.token, object{"project_id": own.ID, "scopes": []string{"admin"}})
	token := post(t, "", "/oauth/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {k.ID}, "client_secret": {k.Key},
	}).is(t, 200).text(t, "access_token")
	for name, as := range map[string]string{"the key": k.Key, "a token of the key": token} {
		for _, query := range []string{"", "?limit=100"} {
			list := decode[[]struct {
				ID string `json:"id"`
			}](t, get(t, as, "/v1/projects"+query).is(t, 200))
			if len(list) != 1 || list[0].ID != own.ID {
				t.Errorf("%s lists %v, want its own project %s and not %s", name, list, own.ID, another.ID)
			}
		}
	}
}
