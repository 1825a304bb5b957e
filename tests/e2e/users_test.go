//go:build e2e

package e2e

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

type userAccount struct {
	user
	Status string `json:"status"`
}

func patchUser(t testing.TB, as, id string, change object) answer {
	t.Helper()
	return send(t, request{method: "PATCH", path: "/v1/users/" + id, as: as, body: change})
}

// newAdmin makes an administrator for one test.
func newAdmin(t testing.TB) person {
	t.Helper()
	p := register(t)
	expect.Same(t, "the role", decode[userAccount](t, patchUser(t, admin(t).token, p.ID, object{"role": "admin"}).is(t, 200)).Role, "admin")
	p.token = logIn(t, p.Email, p.password).Token
	return p
}

func TestAdministratorFindsAUserWithSessionsAndKeys(t *testing.T) {
	p := member(t)
	k := newKey(t, p.token, nil)
	list := decode[struct{ Users []userAccount }](t, send(t, request{method: "GET", path: "/v1/users?search=" + p.Email[:40], as: admin(t).token}).is(t, 200))
	if len(list.Users) != 1 {
		t.Fatalf("%d users are found, want 1", len(list.Users))
	}
	expect.Same(t, "who is found", list.Users[0].user, p.user)
	time.Sleep(indexLag())
	found := decode[struct {
		userAccount
		Sessions []struct{ Current bool }
		Keys     []key `json:"api_keys"`
	}](t, send(t, request{method: "GET", path: "/v1/users/" + p.ID, as: admin(t).token}).is(t, 200))
	expect.Same(t, "what they are", found.Status, "active")
	expect.Same(t, "how many sessions they have", len(found.Sessions), 1)
	expect.Same(t, "how many keys they have", len(found.Keys), 1)
	expect.Same(t, "their key", found.Keys[0].ID, k.ID)
}

func TestDisabledUserHasNoSessionNoKeyAndNoLoginAndEnabledNoOldKey(t *testing.T) {
	p := member(t)
	k := newKey(t, p.token, nil)
	pair := decode[struct {
		Refresh string `json:"refresh_token"`
	}](t, post(t, "", "/api/auth/login", object{"email": p.Email, "password": p.password}).is(t, 200))
	expect.Same(t, "disabled", decode[userAccount](t, patchUser(t, admin(t).token, p.ID, object{"disabled": true}).is(t, 200)).Status, "disabled")

	send(t, request{method: "GET", path: me, as: p.token}).refused(t, 401, "TOKEN_INVALID")
	send(t, request{method: "GET", path: me, as: k.Key}).refused(t, 401, "API_KEY_REVOKED")
	post(t, "", "/api/auth/refresh", object{"refresh_token": pair.Refresh}).refused(t, 401, "TOKEN_INVALID")
	for _, path := range []string{"/v1/auth/login", "/api/auth/login"} {
		post(t, "", path, object{"email": p.Email, "password": p.password}).refused(t, 403, "ACCOUNT_DISABLED")
		post(t, "", path, object{"email": p.Email, "password": p.password + "x"}).refused(t, 401, "INVALID_CREDENTIALS")
	}

	patchUser(t, admin(t).token, p.ID, object{"disabled": false}).is(t, 200)
	again := logIn(t, p.Email, p.password)
	send(t, request{method: "GET", path: me, as: k.Key}).refused(t, 401, "API_KEY_REVOKED")
	send(t, request{method: "GET", path: me, as: newKey(t, again.Token, nil).Key}).is(t, 200)
}

func TestDeletedUserIsGoneAndTheirLogStays(t *testing.T) {
	p := member(t)
	k := newKey(t, p.token, nil)
	send(t, request{method: "DELETE", path: "/v1/users/" + p.ID, as: admin(t).token}).is(t, 204)
	send(t, request{method: "GET", path: me, as: p.token}).refused(t, 401, "TOKEN_INVALID")
	send(t, request{method: "GET", path: me, as: k.Key}).refused(t, 401, "API_KEY_INVALID")
	post(t, "", "/v1/auth/login", object{"email": p.Email, "password": p.password}).refused(t, 401, "INVALID_CREDENTIALS")
	for _, method := range []string{"GET", "DELETE"} {
		send(t, request{method: method, path: "/v1/users/" + p.ID, as: admin(t).token}).refused(t, 404, "RESOURCE_NOT_FOUND")
	}
	log := decode[struct {
		Entries []struct {
			Action string
			Owner  string `json:"owner_id"`
			Actor  struct{ ID string }
		}
	}](t, send(t, request{method: "GET", path: "/api/v1/auth/api-keys/" + k.ID + "/audit-log?limit=1", as: admin(t).token}).is(t, 200))
	expect.Same(t, "the newest entry", log.Entries[0].Action, "deleted")
	expect.Same(t, "by whom", log.Entries[0].Actor.ID, admin(t).ID)
	expect.Same(t, "whose key it was", log.Entries[0].Owner, p.ID)

	line := object{"email": p.Email, "password_hash": hashesOfOthers["bcrypt"]}
	expect.Same(t, "imported", importLines(t, admin(t).token, "/v1/users/import", line).Refused, 1)
	line["again"] = true
	expect.Same(t, "imported, as asked for", importLines(t, admin(t).token, "/v1/users/import", line).Created, 1)
}

// One who is demoted has nothing left of an administrator's: neither a session nor a key with the scope admin.
func TestDemotedAdministratorAdministersNothing(t *testing.T) {
	p := newAdmin(t)
	full, plain := newKey(t, p.token, object{"scopes": []string{"admin"}}), newKey(t, p.token, object{"scopes": []string{"read:stats"}})
	grown := newKey(t, p.token, object{"scopes": []string{"read:stats"}})
	send(t, request{method: "PATCH", path: "/v1/api-keys/" + grown.ID, as: p.token, body: object{"scopes": []string{"admin"}}}).is(t, 200)
	patchUser(t, p.token, p.ID, object{"role": "member"}).is(t, 200) // by themselves: others are left
	send(t, request{method: "GET", path: "/v1/users", as: p.token}).refused(t, 401, "TOKEN_INVALID")
	for _, k := range []key{full, grown} {
		send(t, request{method: "GET", path: me, as: k.Key}).refused(t, 401, "API_KEY_REVOKED")
	}
	send(t, request{method: "GET", path: me, as: plain.Key}).is(t, 200)
	again := logIn(t, p.Email, p.password)
	expect.Same(t, "the role", again.User.Role, "member")
	send(t, request{method: "GET", path: "/v1/users", as: again.Token}).refused(t, 403, "INSUFFICIENT_SCOPE")
}

func TestAdministratorDeletesThemselvesIfOthersAreLeft(t *testing.T) {
	p := newAdmin(t)
	send(t, request{method: "DELETE", path: "/v1/users/" + p.ID, as: p.token}).is(t, 204)
	send(t, request{method: "GET", path: me, as: p.token}).refused(t, 401, "TOKEN_INVALID")
}

func TestNobodyButAnAdministratorWhoIsLoggedInReachesUsers(t *testing.T) {
	victim := owner(t)
	key := newKey(t, admin(t).token, object{"scopes": []string{"admin"}}).Key
	for _, r := range []request{
		{method: "GET", path: "/v1/users"}, {method: "GET", path: "/v1/users/" + victim.ID}, {method: "DELETE", path: "/v1/users/" + victim.ID},
		{method: "PATCH", path: "/v1/users/" + victim.ID, body: object{"role": "admin"}},
	} {
		r.as = other(t).token
		send(t, r).refused(t, 403, "INSUFFICIENT_SCOPE")
		r.as = key
		send(t, r).refused(t, 403, "FORBIDDEN")
	}
	send(t, request{method: "GET", path: me, as: victim.token}).is(t, 200)
}

// Whatever is at the same time: after the answer that disables a user, no login of theirs is good.
func TestNoLoginOutlivesADisablingThatWasAnswered(t *testing.T) {
	for range 5 {
		p := register(t)
		var all sync.WaitGroup
		tokens := make(chan string, 6)
		for range cap(tokens) {
			all.Go(func() {
				a, err := try(t, client, request{method: "POST", path: "/v1/auth/login", body: object{"email": p.Email, "password": p.password}})
				if err == nil && a.status == http.StatusOK {
					tokens <- decode[loggedIn](t, a).Token
				}
			})
		}
		patchUser(t, admin(t).token, p.ID, object{"disabled": true}).is(t, 200)
		all.Wait()
		close(tokens)
		for token := range tokens {
			send(t, request{method: "GET", path: me, as: token}).refused(t, 401, "TOKEN_INVALID")
		}
	}
}
