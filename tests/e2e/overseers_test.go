//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

// ownedKeys are all keys that a list with ?owner= shows, by id.
func ownedKeys(t testing.TB, as, owner string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for query := "?limit=100&owner=" + owner; ; {
		page := decode[struct {
			Keys []struct {
				ID    string `json:"id"`
				Owner user   `json:"owner"`
			} `json:"api_keys"`
			Next *string `json:"next_cursor"`
		}](t, send(t, request{method: "GET", path: "/api/v1/auth/api-keys" + query, as: as}).is(t, 200))
		for _, k := range page.Keys {
			found[k.ID] = k.Owner.Email
		}
		if page.Next == nil {
			return found
		}
		query = "?limit=100&owner=" + owner + "&cursor=" + *page.Next
	}
}

// An administrator who is logged in sees what anybody has, and ends it. Nobody but the owner gets a secret.
func TestAdministratorSeesAndStopsTheKeysOfAnybody(t *testing.T) {
	p, overseer := member(t), admin(t)
	first, second := newKey(t, p.token, nil), newKey(t, p.token, nil)
	for _, owner := range []string{p.ID, "*"} {
		found := ownedKeys(t, overseer.token, owner)
		expect.Same(t, owner+": the owner of the first key", found[first.ID], p.Email)
		expect.Same(t, owner+": the owner of the second key", found[second.ID], p.Email)
	}
	expect.Same(t, "how many keys the member has", len(ownedKeys(t, overseer.token, p.ID)), 2)

	send(t, request{method: "POST", path: "/api/v1/auth/api-keys/" + first.ID + "/regenerate", as: overseer.token}).refused(t, 403, "FORBIDDEN")
	send(t, request{method: "GET", path: me, as: first.Key}).is(t, 200)
	patch(t, overseer.token, first.ID, object{"label": "x"}).refused(t, 403, "FORBIDDEN")
	patch(t, overseer.token, first.ID, object{"disabled": true}).is(t, 200)
	send(t, request{method: "GET", path: me, as: first.Key}).refused(t, 401, "API_KEY_DISABLED")
	patch(t, overseer.token, first.ID, object{"disabled": false}).is(t, 200)
	send(t, request{method: "GET", path: me, as: first.Key}).is(t, 200)
	revoke(t, overseer.token, first.ID)
	send(t, request{method: "GET", path: me, as: first.Key}).refused(t, 401, "API_KEY_REVOKED")
	send(t, request{method: "DELETE", path: "/v1/api-keys/" + second.ID, as: overseer.token}).is(t, 200)
	send(t, request{method: "GET", path: me, as: second.Key}).refused(t, 401, "API_KEY_INVALID")

	for id, action := range map[string]string{first.ID: "revoked", second.ID: "deleted"} {
		for _, reader := range []person{p, overseer} {
			log := decode[struct {
				Entries []struct {
					Action string
					Actor  struct{ Type, ID string }
				}
			}](t, send(t, request{method: "GET", path: "/api/v1/auth/api-keys/" + id + "/audit-log?limit=1", as: reader.token}).is(t, 200))
			expect.Same(t, action+": the newest entry", log.Entries[0].Action, action)
			expect.Same(t, action+": by whom", log.Entries[0].Actor.ID, overseer.ID)
		}
	}
}

func TestAdministratorEndsTheSessionOfAnybodyAndSeesTheirProjects(t *testing.T) {
	p, overseer := member(t), admin(t)
	sessions := send(t, request{method: "GET", path: "/v1/auth/sessions?owner=" + p.ID, as: overseer.token}).is(t, 200)
	found := decode[struct {
		Sessions []struct {
			ID      string
			Current bool
		}
	}](t, sessions).Sessions
	if len(found) != 1 || found[0].Current {
		t.Fatalf("the member has one session, which is not the administrator's: %+v", found)
	}
	projects := send(t, request{method: "GET", path: "/v1/projects?owner=" + p.ID, as: overseer.token}).is(t, 200)
	expect.Same(t, "the member's project is listed", strings.Contains(string(projects.body), "prj_"+strings.TrimPrefix(p.ID, "usr_")), true)
	send(t, request{method: "DELETE", path: "/v1/auth/sessions/" + found[0].ID, as: overseer.token}).is(t, 204)
	send(t, request{method: "GET", path: me, as: p.token}).refused(t, 401, "TOKEN_INVALID")
}

// To a member, and to a key with the scope admin, nobody exists but the owner.
func TestOnlyAnAdministratorWhoIsLoggedInSeesOthers(t *testing.T) {
	victim := owner(t)
	newKey(t, victim.token, nil)
	key := newKey(t, admin(t).token, object{"scopes": []string{"admin"}}).Key
	for _, credential := range []string{other(t).token, key} {
		for _, path := range []string{"/v1/api-keys", "/api/v1/auth/api-keys"} {
			for _, of := range []string{victim.ID, "*", "nobody"} {
				send(t, request{method: "GET", path: path + "?owner=" + of, as: credential}).refused(t, 404, "RESOURCE_NOT_FOUND")
			}
		}
	}
	for _, path := range []string{"/v1/auth/sessions", "/v1/projects"} {
		for _, of := range []string{victim.ID, "*"} {
			send(t, request{method: "GET", path: path + "?owner=" + of, as: other(t).token}).refused(t, 404, "RESOURCE_NOT_FOUND")
		}
	}
}
