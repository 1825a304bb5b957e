package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/account/accounttest"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

var ctx = context.Background()

type world struct{ *accounttest.People }

func newWorld(t *testing.T, s *store.Store, keys int) *world {
	t.Helper()
	return &world{accounttest.New(t, s, keys)}
}

func (w *world) good(key string) bool {
	_, _, err := w.Store.CheckKey(ctx, key, []string{"1:hash"}, nil, time.Now())
	return err == nil
}

func (w *world) loggedIn(id string) bool {
	_, _, err := w.Store.CheckSession(ctx, id, nil, time.Now())
	return err == nil
}

func (w *world) patch(as map[string]any, id, body string) gatewaytest.Answer {
	w.Helper()
	return gatewaytest.Do(w.T, gateway.Protected(handler{account.Accounts{Store: w.Store, Retention: time.Hour}}.serve), gatewaytest.Call{
		Method: "PATCH", Resource: "/v1/users/{id}", Path: map[string]string{"id": id}, Body: body, Authorizer: as,
	})
}

func TestDisablingEndsEverySessionAndKeyBeforeItAnswers(t *testing.T) {
	w := newWorld(t, storetest.New(t), 3) // and the index does not have all of them yet
	a := w.patch(w.AsAdmin(), w.Member.ID, `{"disabled":true}`)
	expect.Same(t, "status", a.Status, 200)
	expect.Same[any](t, "what the user is", a.JSON(t)["status"], user.Disabled)
	expect.Same(t, "the session is good", w.loggedIn(w.Session), false)
	for _, id := range w.Keys {
		expect.Same(t, "a key is good", w.good(id), false)
		log, _, err := w.Store.AuditLog(ctx, id, store.Page{Limit: 1}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the newest entry", log[0].Action, audit.Revoked)
		expect.Same(t, "by whom", log[0].Actor.ID, w.Admin.ID)
		expect.Same(t, "why", log[0].Detail["because"], "the owner was disabled")
	}
	if err := w.Store.CreateSession(ctx, session.New(w.Member, time.Hour, "", "", time.Now()), storetest.Entry(audit.SignedIn)); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a session is made for them: %v", err)
	}

	a = w.patch(w.AsAdmin(), w.Member.ID, `{"disabled":false}`)
	expect.Same(t, "enabling: status", a.Status, 200)
	expect.Same[any](t, "what the user is then", a.JSON(t)["status"], user.Active)
	expect.Same(t, "a key of before is good", w.good(w.Keys[0]), false)
	expect.Same(t, "a new session is good", w.loggedIn(w.LogIn(w.Member)), true)
	expect.Same(t, "a new key is good", w.good(w.NewKey(w.Member, "read:stats")), true)
}

func TestDemotionEndsSessionsAndTheKeysThatAMemberCannotHave(t *testing.T) {
	w := newWorld(t, storetest.New(t), 3)
	expect.Same(t, "promotion: status", w.patch(w.AsAdmin(), w.Member.ID, `{"role":"admin"}`).Status, 200)
	expect.Same(t, "the session of a member is good", w.loggedIn(w.Session), false)
	promoted, err := w.Store.User(ctx, w.Member.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the role", promoted.Role, user.Admin)
	ses, full, sees := w.LogIn(promoted), w.NewKey(promoted, "admin"), w.NewKey(promoted, "verify:all_keys")
	a := w.patch(w.AsAdmin(), w.Member.ID, `{"role":"member"}`)
	expect.Same(t, "demotion: status", a.Status, 200)
	expect.Same(t, "the administrator's session is good", w.loggedIn(ses), false)
	expect.Same(t, "the key with the scope admin is good", w.good(full), false)
	expect.Same(t, "the key that may check every key is good", w.good(sees), false)
	expect.Same(t, "a key without it is good", w.good(w.Keys[0]), true)
}

func TestChangeThatChangesNothingEndsNothing(t *testing.T) {
	w := newWorld(t, storetest.New(t), 3)
	for _, body := range []string{`{"role":"member"}`, `{"disabled":false}`, `{"role":"member","disabled":false}`} {
		expect.Same(t, body+": status", w.patch(w.AsAdmin(), w.Member.ID, body).Status, 200)
	}
	expect.Same(t, "the session is good", w.loggedIn(w.Session), true)
	expect.Same(t, "a key is good", w.good(w.Keys[0]), true)
}

func TestAUserWhoIsBeingDeletedCannotBeChanged(t *testing.T) {
	w := newWorld(t, storetest.New(t), 1)
	if _, err := w.Store.ChangeUser(ctx, w.Admin.ID, w.Member.ID, store.Change{Delete: true}, storetest.Entry, time.Now()); err != nil {
		t.Fatal(err)
	}
	a := w.patch(w.AsAdmin(), w.Member.ID, `{"disabled":false}`)
	expect.Same(t, "status", a.Status, 409)
	expect.Same(t, "error_code", a.Code(t), "DUPLICATE_RESOURCE")
}

// Until it is finished it says what has ended, and that the user is not whole any more.
func TestDisablingThatTakesLongSaysHowFarItIsAndGoesOn(t *testing.T) {
	w := newWorld(t, storetest.New(t), 60)
	h := handler{account.Accounts{Store: w.Store, Retention: time.Hour, Within: 60 * time.Millisecond}}
	unfinished := false
	for range 100 {
		a := gatewaytest.Do(t, gateway.Protected(h.serve), gatewaytest.Call{
			Method: "PATCH", Resource: "/v1/users/{id}", Path: map[string]string{"id": w.Member.ID}, Body: `{"disabled":true}`, Authorizer: w.AsAdmin(),
		})
		if a.Status == 200 {
			expect.Same(t, "some request was not finished", unfinished, true)
			for _, id := range w.Keys {
				expect.Same(t, "a key is good", w.good(id), false)
			}
			return
		}
		expect.Same(t, "status", a.Status, 503)
		expect.Same(t, "Retry-After", a.Header["Retry-After"], "1")
		if _, there := a.JSON(t)["progress"]; !there {
			t.Fatalf("it does not say how far it is: %s", a.Body)
		}
		u, err := w.Store.User(ctx, w.Member.ID)
		if err != nil {
			t.Fatal(err)
		}
		if u.DisabledAt != nil {
			expect.Same(t, "what the user is", u.Status(), user.Disabling)
			unfinished = true
		}
		h.accounts.Within *= 2
	}
	t.Fatal("it does not end")
}

func TestLastAdministratorStays(t *testing.T) {
	w := newWorld(t, storetest.New(t), 3)
	storetest.AwaitIndex()
	for _, body := range []string{`{"role":"member"}`, `{"disabled":true}`, `{"role":"member","disabled":true}`} {
		a := w.patch(w.AsAdmin(), w.Admin.ID, body)
		expect.Same(t, body+": status", a.Status, 403)
		expect.Same(t, body+": error_code", a.Code(t), "FORBIDDEN")
	}
	expect.Same(t, "another: status", w.patch(w.AsAdmin(), w.Member.ID, `{"role":"admin"}`).Status, 200)
	expect.Same(t, "not the last: status", w.patch(w.AsAdmin(), w.Admin.ID, `{"role":"member"}`).Status, 200)
	a := w.patch(w.AsAdmin(), w.Member.ID, `{"disabled":true}`) // their session says admin, for as long as somebody caches it
	expect.Same(t, "by one who is none any more: status", a.Status, 403)
}

func TestOnlyAnAdministratorWhoIsLoggedInChangesUsers(t *testing.T) {
	w := newWorld(t, storetest.New(t), 3)
	key := gatewaytest.Key("k", "scoped", w.Admin.ID, user.DefaultProject(w.Admin.ID), "admin")
	key[gateway.CtxRole] = user.Admin
	for name, as := range map[string]map[string]any{
		"a member": gatewaytest.User(w.Member.ID, w.Member.Email, "member", ""), "a key with the scope admin": key,
	} {
		for _, id := range []string{w.Member.ID, "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", "x"} {
			a := w.patch(as, id, `{"role":"admin"}`)
			expect.Same(t, name+": status", a.Status, 403)
			expect.Same(t, name+": error_code", a.Code(t), "FORBIDDEN")
		}
	}
	for _, id := range []string{"usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", "x", "", "../" + w.Member.ID, w.Member.ID + "\n"} {
		expect.Same(t, fmt.Sprintf("%q: status", id), w.patch(w.AsAdmin(), id, `{"disabled":true}`).Status, 404)
	}
	for body, status := range map[string]int{
		`{}`: 422, `{"role":"root"}`: 422, `{"role":""}`: 422, `{"disabled":"yes"}`: 422, `{"email":"x@example.com"}`: 422, `[]`: 422, `{`: 400, ``: 400,
		`{"disabled":true,"disabled":false}`: 422, `{"Role":"admin"}`: 422,
	} {
		expect.Same(t, body+": status", w.patch(w.AsAdmin(), w.Member.ID, body).Status, status)
	}
	u, err := w.Store.User(ctx, w.Member.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the member", u.Role+" "+u.Status(), "member active")
	expect.Same(t, "their session is good", w.loggedIn(w.Session), true)
}
