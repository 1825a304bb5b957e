//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

// Another owner's key does not exist: the answer is the one for an id that was never
// given out, for whoever holds a good credential of another tenant.
func TestAnotherOwnersKeyDoesNotExist(t *testing.T) {
	victim, attacker := owner(t), other(t)
	k := newKey(t, victim.token, nil)
	before := snapshot(t, victim)
	for name, credential := range map[string]string{
		"a member":                   attacker.token,
		"an administrator's own key": newKey(t, admin(t).token, object{"scopes": []string{"admin"}}).Key,
	} {
		for _, r := range []request{
			{method: "PATCH", path: "/v1/api-keys/", body: object{"disabled": true}},
			{method: "DELETE", path: "/v1/api-keys/"},
			{method: "DELETE", path: "/api/v1/auth/api-keys/"},
			{method: "PUT", path: "/api/v1/auth/api-keys/{id}/revoke"},
			{method: "POST", path: "/api/v1/auth/api-keys/{id}/regenerate"},
			{method: "GET", path: "/api/v1/auth/api-keys/{id}/audit-log"},
		} {
			another, nobodys := ask(t, r, credential, k.ID), ask(t, r, credential, "AAAAAAAAAAAAAAAA")
			another.RequestID, nobodys.RequestID = "", ""
			who := name + ": " + r.method + " " + r.path
			expect.Same(t, who+": status", another.Status, 404)
			expect.Same(t, who+": error_code", another.Code, "RESOURCE_NOT_FOUND")
			expect.Same(t, who+": detail", another.Detail, nobodys.Detail)
			expect.Same(t, who+": title", another.Title, nobodys.Title)
		}
	}
	if after := snapshot(t, victim); after != before {
		t.Errorf("the key was changed:\n%s\n%s", before, after)
	}
	send(t, request{method: "GET", path: me, as: k.Key}).is(t, 200)
}

func ask(t testing.TB, r request, as, id string) problem {
	t.Helper()
	path := route{resource: r.path}.path(id)
	if path == r.path {
		path += id
	}
	return send(t, request{method: r.method, path: path, as: as, body: r.body}).problem(t)
}

func TestAnotherOwnersKeysAndProjectsAreInNoList(t *testing.T) {
	victim, attacker := owner(t), other(t)
	k, project := newKey(t, victim.token, nil), projectsOf(t, victim.token)[0]
	seen := snapshot(t, attacker)
	expect.Same(t, "the other's key is seen", strings.Contains(seen, k.ID), false)
	expect.Same(t, "the other's project is seen", strings.Contains(seen, project.ID), false)
}

// A cursor names a place in one owner's list, and is no way into it.
func TestCursorOfAnotherOwnersListIsRefused(t *testing.T) {
	victim, attacker := owner(t), other(t)
	newKey(t, victim.token, nil)
	newKey(t, victim.token, nil)
	cursor := keysOf(t, victim.token, "?limit=1").NextCursor
	if cursor == nil {
		t.Fatal("two keys fit on a page of one")
	}
	for _, path := range []string{"/v1/api-keys", "/api/v1/auth/api-keys", "/v1/projects"} {
		send(t, request{method: "GET", path: path + "?cursor=" + *cursor, as: attacker.token}).refused(t, 400, "INVALID_PARAMETER")
	}
}

// A key with the scope admin manages keys: those of its project.
func TestAdminKeyManagesTheKeysOfItsProjectOnly(t *testing.T) {
	p := admin(t)
	here, there := newProject(t, p.token, "here_"), newProject(t, p.token, "there_")
	manager := newKey(t, p.token, object{"project_id": here.ID, "scopes": []string{"admin"}})
	near, far := newKey(t, p.token, object{"project_id": here.ID}), newKey(t, p.token, object{"project_id": there.ID})
	for _, k := range keysOf(t, manager.Key, "?limit=100").Keys {
		if k.ProjectID != here.ID {
			t.Errorf("sees %s of project %s", k.ID, k.ProjectID)
		}
	}
	if got := ask(t, request{method: "PUT", path: "/api/v1/auth/api-keys/{id}/revoke"}, manager.Key, far.ID); got.Status != 404 {
		t.Errorf("revoking a key of another project: got %d", got.Status)
	}
	send(t, request{method: "GET", path: me, as: far.Key}).is(t, 200)
	revoke(t, manager.Key, near.ID)
	send(t, request{method: "GET", path: me, as: near.Key}).refused(t, 401, "API_KEY_REVOKED")
}
