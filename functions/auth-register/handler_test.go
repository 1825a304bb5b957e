package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

func TestOnlyAnAdministratorRegistersUsers(t *testing.T) {
	ctx, s := context.Background(), storetest.New(t)
	f := gateway.Protected(handler{s}.serve)
	admin, member := gatewaytest.User("usr_A", "a@example.com", "admin", "admin"), gatewaytest.User("usr_B", "b@example.com", "member", "")
	post := func(as map[string]any, body string) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/v1/auth/register", Authorizer: as, Body: body})
	}
	if a := post(member, `{"email":"new@example.com","password":"long enough"}`); a.Status != 403 || a.Code(t) != "FORBIDDEN" {
		t.Errorf("a member: %+v", a)
	}
	for body, want := range map[string]int{
		``: 400, `{"email":"new@example.com"}`: 422, `{"password":"long enough"}`: 422, `{"email":"new@example.com","password":"short"}`: 422,
		`{"email":"new@example.com","password":"` + strings.Repeat("x", 257) + `"}`: 422, `{"email":"new","password":"long enough"}`: 422,
		`{"email":"new@example.com","password":"long enough","id":"usr_A"}`: 422,
	} {
		if a := post(admin, body); a.Status != want {
			t.Errorf("%.60s: %+v", body, a)
		}
	}
	if _, err := s.Login(ctx, "new@example.com"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a refused request registered somebody: %v", err)
	}
	for email, row := range map[string]struct{ role, want string }{
		"none@example.com": {``, "member"}, "member@example.com": {`,"role":"member"`, "member"}, "admin@example.com": {`,"role":"admin"`, "admin"},
		"other@example.com": {`,"role":"root"`, "member"}, "case@example.com": {`,"role":"Admin"`, "member"}, "list@example.com": {`,"role":["admin"]`, "member"}, "null@example.com": {`,"role":null`, "member"},
	} {
		a := post(admin, `{"email":"`+strings.ToUpper(email)+`","password":"long enough"`+row.role+`}`)
		if a.Status != 201 || a.JSON(t)["user"].(map[string]any)["role"] != row.want || strings.Contains(a.Body, "argon2") {
			t.Errorf("%s: %+v", email, a)
		}
		if again := post(admin, `{"email":"`+email+`","password":"something else"}`); again.Status != 409 || again.Code(t) != "DUPLICATE_RESOURCE" {
			t.Errorf("%s again: %+v", email, again)
		}
		found, err := s.Login(ctx, email)
		if ok, _ := password.Matches("long enough", found.PasswordHash); err != nil || !ok {
			t.Errorf("%s: %v", email, err)
		}
	}
}
