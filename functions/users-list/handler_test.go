package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

var addresses = []string{"ada@example.com", "grace@example.com", "email@example.com", "hash#tag@example.com", "ada.l@example.org"}

// listed returns a function that lists users, and an administrator.
func listed(t *testing.T) (get func(as map[string]any, query map[string]string) gatewaytest.Answer, admin map[string]any) {
	t.Helper()
	s := storetest.New(t)
	for _, email := range addresses {
		if err := s.CreateUser(context.Background(), user.New(email, user.Member, time.Now()), "hash", storetest.Entry(audit.Registered)); err != nil {
			t.Fatal(err)
		}
	}
	storetest.AwaitIndex()
	f := gateway.Protected(handler{s}.serve)
	return func(as map[string]any, query map[string]string) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{Method: "GET", Resource: "/v1/users", Query: query, Authorizer: as})
	}, gatewaytest.User("usr_A", "root@example.com", "admin", "admin")
}

func emails(t *testing.T, a gatewaytest.Answer) (found []string) {
	t.Helper()
	for _, one := range a.JSON(t)["users"].([]any) {
		u := one.(map[string]any)
		expect.Same[any](t, "what the user is", u["status"], user.Active)
		found = append(found, u["email"].(string))
	}
	return found
}

func TestUsersAreFoundByAPartOfTheirAddress(t *testing.T) {
	get, admin := listed(t)
	for search, want := range map[string]string{
		"": "ada.l@example.org ada@example.com email@example.com grace@example.com hash#tag@example.com", "ADA": "ada.l@example.org ada@example.com",
		"@example.org": "ada.l@example.org", "grace": "grace@example.com", "email": "email@example.com", "#": "hash#tag@example.com",
		"EMAIL#": "", "nobody": "", ":within": "", "%": "", "*": "",
	} {
		a := get(admin, map[string]string{"search": search})
		expect.Same(t, fmt.Sprintf("%q: who is found", search), strings.Join(emails(t, a), " "), want)
	}
}

func TestEachUserIsOnOnePage(t *testing.T) {
	get, admin := listed(t)
	var found []string
	for cursor, pages := "", 0; ; pages++ {
		a := get(admin, map[string]string{"limit": "2", "cursor": cursor})
		found = append(found, emails(t, a)...)
		next, more := a.JSON(t)["next_cursor"].(string)
		if !more {
			break
		}
		if cursor = next; pages > len(addresses) {
			t.Fatal("the pages do not end")
		}
	}
	slices.Sort(found)
	expect.Same(t, "who is found", strings.Join(found, " "), "ada.l@example.org ada@example.com email@example.com grace@example.com hash#tag@example.com")
}

func TestOnlyAnAdministratorWhoIsLoggedInListsUsers(t *testing.T) {
	get, admin := listed(t)
	key := gatewaytest.Key("k", "scoped", "usr_A", "prj_A", "admin")
	key[gateway.CtxRole] = user.Admin
	for name, as := range map[string]map[string]any{"a member": gatewaytest.User("usr_B", "b@example.com", "member", ""), "a key": key} {
		a := get(as, nil)
		expect.Same(t, name+": status", a.Status, 403)
		expect.Same(t, name+": a user is shown", strings.Contains(a.Body, "example"), false)
	}
	for _, bad := range []map[string]string{
		{"limit": "0"}, {"limit": "101"}, {"cursor": "x"}, {"cursor": strings.Repeat("A", 2000)}, {"search": strings.Repeat("a", 255)},
	} {
		expect.Same(t, fmt.Sprintf("%.40v: status", bad), get(admin, bad).Status, 400)
	}
}
