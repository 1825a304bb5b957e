package main

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestAdministratorSeesAUserWithSessionsAndKeys(t *testing.T) {
	ctx, s, now := context.Background(), storetest.New(t), time.Now()
	u := user.New("ann@example.com", user.Member, now)
	if err := s.CreateUser(ctx, u, "a hash", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	for i := range 52 {
		k := apikey.Key{ID: apikey.NewID(), Owner: u.ID, Project: "prj_A", Hash: "1:hash", CreatedAt: now.Add(time.Duration(i) * time.Second)}
		if err := s.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for _, lives := range []time.Duration{time.Hour, -time.Hour} {
		if err := s.CreateSession(ctx, session.New(u, lives, "192.0.2.7", "test", now), storetest.Entry(audit.SignedIn)); err != nil {
			t.Fatal(err)
		}
	}
	storetest.AwaitIndex()
	get := func(as map[string]any, id string) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, gateway.Protected(handler{account.Accounts{Store: s}}.serve), gatewaytest.Call{
			Method: "GET", Resource: "/v1/users/{id}", Path: map[string]string{"id": id}, Authorizer: as,
		})
	}
	admin := gatewaytest.User("usr_A", "root@example.com", "admin", "admin")
	a := get(admin, u.ID)
	expect.Same(t, "status", a.Status, 200)
	body := a.JSON(t)
	expect.Same[any](t, "email", body["email"], u.Email)
	expect.Same[any](t, "what the user is", body["status"], user.Active)
	expect.Same(t, "how many keys are shown", len(body["api_keys"].([]any)), 50)
	expect.Same(t, "there are more keys", body["api_keys_next_cursor"] != nil, true)
	expect.Same(t, "how many sessions stand", len(body["sessions"].([]any)), 1)
	expect.Same(t, "there are more sessions", body["sessions_next_cursor"] != nil, false)
	for _, id := range []string{"", "x", "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"} {
		expect.Same(t, id+": status", get(admin, id).Status, 404)
	}
	for _, id := range []string{u.ID, "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"} { // alike
		expect.Same(t, "a member: status", get(gatewaytest.User(u.ID, u.Email, "member", ""), id).Status, 403)
	}
}

// The index that lists sessions lags behind: an administrator who looks at themselves sees where they are.
func TestAdministratorsOwnSessionIsShownBeforeTheIndexHasIt(t *testing.T) {
	ctx, s, now := context.Background(), storetest.New(t), time.Now()
	root := user.New("root@example.com", user.Admin, now)
	if err := s.CreateUser(ctx, root, "a hash", storetest.Entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	mine := session.New(root, time.Hour, "192.0.2.7", "test", now)
	if err := s.CreateSession(ctx, mine, storetest.Entry(audit.SignedIn)); err != nil {
		t.Fatal(err)
	}
	caller := gatewaytest.User(root.ID, root.Email, root.Role, "admin")
	caller[gateway.CtxSession] = mine.ID
	sessions := gatewaytest.Do(t, gateway.Protected(handler{account.Accounts{Store: s}}.serve), gatewaytest.Call{
		Method: "GET", Resource: "/v1/users/{id}", Path: map[string]string{"id": root.ID}, Authorizer: caller,
	}).JSON(t)["sessions"].([]any)
	expect.Same(t, "how many sessions", len(sessions), 1)
	expect.Same(t, "it is current", sessions[0].(map[string]any)["current"], true)
}
