//go:build e2e

package e2e

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

// inUse sends requests with a key without a pause, until it is told to stop. Each must succeed.
func inUse(t *testing.T, k key, run string) (stop func() int) {
	t.Helper()
	var over atomic.Bool
	done := make(chan int)
	go func() {
		n := 0
		for ; !over.Load() || n < 8; n++ {
			r := []request{
				{method: "GET", path: "/v1/runs/" + run}, {method: "POST", path: "/v1/runs", body: object{}},
				{method: "POST", path: "/v1/runs/" + run + "/events", body: object{"events": []object{{"kind": "status"}}}},
				{method: "GET", path: "/v1/runs"},
			}[n%4]
			r.as = k.Key
			if a, err := try(t, client, r); err != nil || a.status >= 300 {
				t.Errorf("%s %s with a key that is handed over: %d %s %v", r.method, r.path, a.status, a.body, err)
				break
			}
		}
		done <- n
	}()
	stop = sync.OnceValue(func() int { over.Store(true); return <-done })
	t.Cleanup(func() { stop() })
	return stop
}

// Before a colleague leaves, all that they have goes to another. What holds the keys notices nothing.
func TestKeyInUseIsHandedOverWithItsProjectWithoutOneRefusedRequest(t *testing.T) {
	leaver, heir := member(t), member(t)
	k := newKey(t, leaver.token, object{"scopes": []string{"read:events", "write:events"}})
	run := startRun(t, k.Key, nil)
	stop := inUse(t, k, run)
	path := "/v1/users/" + leaver.ID + "/handover"
	post(t, leaver.token, path, object{"to": heir.ID}).refused(t, 403, "INSUFFICIENT_SCOPE")
	done := decode[struct {
		Projects, Left int
		Keys           int `json:"api_keys"`
	}](t, post(t, admin(t).token, path, object{"to": heir.ID}).is(t, 200))
	expect.Same(t, "projects", done.Projects, 1)
	expect.Same(t, "keys", done.Keys, 1)
	send(t, request{method: "DELETE", path: "/v1/users/" + leaver.ID, as: admin(t).token}).is(t, 204)
	if n := stop(); n < 8 {
		t.Errorf("the key was used %d times", n)
	}

	for _, r := range []request{
		{method: "GET", path: "/v1/runs/" + run}, {method: "POST", path: "/v1/runs/" + run + "/events", body: object{"events": []object{{"kind": "status"}}}},
		{method: "GET", path: "/v1/runs/" + run + "/events/stream"}, {method: "POST", path: "/v1/runs/" + run + "/ticket"},
		{method: "GET", path: "/v1/runs?project=" + k.ProjectID},
	} {
		r.as = heir.token
		if a := send(t, r); a.status >= 300 {
			t.Errorf("the next owner: %s %s: %d %s", r.method, r.path, a.status, a.body)
		}
		r.as = other(t).token
		send(t, r).refused(t, 404, "RESOURCE_NOT_FOUND")
	}
	patched(t, heir.token, k.ID, object{"label": "mine now"})
	expect.Same(t, "whose key it says it is", decode[struct{ User user }](t, send(t, request{method: "GET", path: me, as: k.Key}).is(t, 200)).User.ID, heir.ID)
}

// One key goes to another, and its project follows when its owner is deleted.
func TestOneKeyIsHandedOverAndKeepsItsProjectWhenTheFormerOwnerIsDeleted(t *testing.T) {
	leaver, heir := member(t), member(t)
	k, stays := newKey(t, leaver.token, nil), newKey(t, leaver.token, nil)
	full := newKey(t, admin(t).token, object{"scopes": []string{"admin"}})
	to := object{"owner": heir.ID}
	patch(t, leaver.token, k.ID, to).refused(t, 403, "FORBIDDEN")
	patch(t, other(t).token, k.ID, to).refused(t, 404, "RESOURCE_NOT_FOUND")
	patch(t, full.Key, full.ID, to).refused(t, 403, "FORBIDDEN")
	patch(t, admin(t).token, full.ID, to).refused(t, 422, "VALIDATION_ERROR") // of an administrator only
	for _, wrong := range []object{
		{"owner": "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"}, {"owner": nil}, {"owner": heir.Email}, {"owner": heir.ID, "label": "x"},
	} {
		patch(t, admin(t).token, k.ID, wrong).refused(t, 422, "VALIDATION_ERROR")
	}
	run := startRun(t, k.Key, nil)
	stop := inUse(t, k, run)
	patch(t, admin(t).token, k.ID, to).is(t, 200)
	send(t, request{method: "DELETE", path: "/v1/users/" + leaver.ID, as: admin(t).token}).is(t, 204)
	stop()
	send(t, request{method: "GET", path: me, as: stays.Key}).refused(t, 401, "API_KEY_INVALID")
	projects := decode[[]struct{ ID string }](t, send(t, request{method: "GET", path: "/v1/projects", as: k.Key}).is(t, 200))
	if len(projects) != 1 || projects[0].ID != k.ProjectID {
		t.Errorf("the key's projects: %+v", projects)
	}
	log := decode[struct {
		Entries []struct {
			Action string
			Actor  struct{ ID string }
			Detail map[string]string
		}
	}](t, send(t, request{method: "GET", path: "/api/v1/auth/api-keys/" + k.ID + "/audit-log?limit=100", as: heir.token}).is(t, 200))
	for _, e := range log.Entries {
		if e.Action == "updated" {
			expect.Same(t, "from, to and by whom", e.Detail["owner_from"]+e.Detail["owner_to"]+e.Actor.ID, leaver.ID+heir.ID+admin(t).ID)
			return
		}
	}
	t.Errorf("the log does not tell of it: %+v", log)
}
