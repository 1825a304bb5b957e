package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/password/passwordtest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestOnlyAnAdministratorRegistersUsers(t *testing.T) {
	ctx, s := context.Background(), storetest.New(t)
	f := gateway.Protected(handler{s, passwordtest.Cost, outbox.Outbox{}, time.Hour}.serve)
	admin, member := gatewaytest.User("usr_A", "a@example.com", "admin", "admin"), gatewaytest.User("usr_B", "b@example.com", "member", "")
	post := func(as map[string]any, body string) gatewaytest.Answer {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/v1/auth/register", Authorizer: as, Body: body})
	}
	switch a := post(member, `{"email":"new@example.com","password":"long enough"}`); {
	case a.Status != 403:
		t.Errorf("a member: status %d, want 403: %s", a.Status, a.Body)
	case a.Code(t) != "FORBIDDEN":
		t.Errorf("a member: error_code: %v, want FORBIDDEN", a.Code(t))
	}
	for body, want := range map[string]int{
		``: 400, `{"email":"new"}`: 422, `{"email":"new@example.com","password":""}`: 422, `{"password":"long enough"}`: 422, `{"email":"new@example.com","password":"short"}`: 422,
		`{"email":"new@example.com","password":"P@ssw0rd1"}`: 422, `{"email":"new@example.com","password":"newexample"}`: 422,
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
		if a.Status != 201 {
			t.Fatalf("%s: status %d, want 201: %s", email, a.Status, a.Body)
		}
		if a.JSON(t)["user"].(map[string]any)["role"] != row.want {
			t.Errorf("%s: role: %v, want %v", email, a.JSON(t)["user"].(map[string]any)["role"], row.want)
		}
		if strings.Contains(a.Body, "argon2") {
			t.Errorf("%s: body contains argon2: true, want false", email)
		}
		again := post(admin, `{"email":"`+email+`","password":"something else"}`)
		if again.Status != 409 {
			t.Errorf("%s again: status %d, want 409: %s", email, again.Status, again.Body)
		}
		if again.Code(t) != "DUPLICATE_RESOURCE" {
			t.Errorf("%s again: error_code: %v, want DUPLICATE_RESOURCE", email, again.Code(t))
		}
		found, err := s.Login(ctx, email)
		if err != nil {
			t.Fatal(err)
		}
		ok, _, err := passwordtest.Cost.Matches("long enough", found.PasswordHash)
		if err != nil {
			t.Error(err)
		}
		expect.Same(t, email+": that the password matches the stored hash", ok, true)
	}
}

// An old secret in its grace, a key that expires and a token made from a key all have an expiry.
func TestCredentialOfAKeyThatExpiresRegistersNobody(t *testing.T) {
	s := storetest.New(t)
	f := gateway.Protected(handler{s, passwordtest.Cost, outbox.Outbox{}, time.Hour}.serve)
	for name, row := range map[string]struct {
		kind    gateway.PrincipalType
		expires string
		status  int
	}{
		"a key": {gateway.Key, "0", 201}, "a key that expires": {gateway.Key, "4102444800", 403}, "a token": {gateway.Client, "4102444800", 403},
	} {
		as := gatewaytest.Key("0123456789abcdef", "scoped", "usr_A", "prj_A", "admin")
		as[gateway.CtxType], as[gateway.CtxExpires], as[gateway.CtxRole] = string(row.kind), row.expires, "admin"
		a := gatewaytest.Do(t, f, gatewaytest.Call{Method: "POST", Resource: "/v1/auth/register", Authorizer: as,
			Body: `{"email":"` + strings.ReplaceAll(name, " ", "-") + `@example.com","password":"long enough","role":"admin"}`})
		if a.Status != row.status {
			t.Errorf("%s: status %d, want %d: %s", name, a.Status, row.status, a.Body)
		}
	}
}
