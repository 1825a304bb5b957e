package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/account/accounttest"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/newpassword"
	"github.com/latchkey/latchkey/shared/password/passwordtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

const (
	before, after = "correct horse", "a better horse, a new staple"
	allowance     = 3
	good          = `{"current_password":"correct horse","password":"a better horse, a new staple"}`
)

var ctx = context.Background()

// A person has two sessions, and calls from the first.
type person struct {
	*accounttest.People
	here string
}

func newPerson(t *testing.T, s *store.Store) person {
	t.Helper()
	p := person{People: accounttest.New(t, s, 1)}
	hash, err := passwordtest.Cost.Hash(before)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetPassword(ctx, p.Member.Email, hash, storetest.Entry(audit.PasswordReset)); err != nil {
		t.Fatal(err)
	}
	if p.Member, err = s.User(ctx, p.Member.ID); err != nil {
		t.Fatal(err)
	}
	p.here = p.LogIn(p.Member)
	return p
}

func (p person) change(body string) gatewaytest.Answer {
	p.Helper()
	as := gatewaytest.User(p.Member.ID, p.Member.Email, p.Member.Role, "")
	as[gateway.CtxSession] = p.here
	return p.changeAs(as, body)
}

func (p person) changeAs(as map[string]any, body string) gatewaytest.Answer {
	p.Helper()
	limits := ratelimit.Limits{Window: 24 * time.Hour, Account: allowance}
	h := handler{login.New(p.Store, limits, passwordtest.Cost, time.Hour), newpassword.Setter{Store: p.Store, Cost: passwordtest.Cost, Retention: time.Hour}}
	return gatewaytest.Do(p.T, gateway.Protected(h.serve), gatewaytest.Call{Method: "POST", Resource: "/v1/auth/password", Authorizer: as, Body: body})
}

func (p person) loggedIn(id string) bool {
	_, _, err := p.Store.CheckSession(ctx, id, nil, time.Now())
	return err == nil
}

func (p person) opens(given string) bool {
	p.Helper()
	found, err := p.Store.Login(ctx, p.Member.Email)
	if err != nil {
		p.Fatal(err)
	}
	ok, _, err := passwordtest.Cost.Matches(given, found.PasswordHash)
	return ok && err == nil
}

func TestChangedPasswordEndsTheOtherSessionsAndNoKey(t *testing.T) {
	p := newPerson(t, storetest.New(t))
	a := p.change(good)
	expect.Same(t, "status", a.Status, 204)
	expect.Same(t, "the new password is good", p.opens(after), true)
	expect.Same(t, "the old password is good", p.opens(before), false)
	expect.Same(t, "the session that changed it is good", p.loggedIn(p.here), true)
	expect.Same(t, "another session is good", p.loggedIn(p.Session), false)
	_, _, err := p.Store.CheckKey(ctx, p.Keys[0], []string{"1:hash"}, nil, time.Now())
	expect.Same(t, "the key is good", err == nil, true)
	late := session.New(p.Member, time.Hour, "", "", time.Now()) // of a login that read the old password
	if err := p.Store.CreateSession(ctx, late, storetest.Entry(audit.SignedIn)); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a login with the old password that ends late: %v", err)
	}
	a = p.change(good)
	expect.Same(t, "again: status", a.Status, 422)
	expect.Same(t, "again: the body names the current password", strings.Contains(a.Body, "current_password"), true)
}

func TestCurrentPasswordIsGuessedNoFasterThanALogin(t *testing.T) {
	p := newPerson(t, storetest.New(t))
	for range allowance {
		expect.Same(t, "a guess: status", p.change(`{"current_password":"guess","password":"`+after+`"}`).Status, 422)
	}
	a := p.change(good)
	expect.Same(t, "one more: status", a.Status, 429)
	expect.Same(t, "one more: Retry-After is sent", a.Header["Retry-After"] != "", true)
	expect.Same(t, "the log", storetest.Said(t, p.Store, p.Member.ID), "password_reset; proof_refused: the password was wrong, 3; registered; signed_in; signed_in")
	expect.Same(t, "the old password is good", p.opens(before), true)
	expect.Same(t, "the other session is good", p.loggedIn(p.Session), true)
}

func TestBadChangeOfAPasswordChangesNothing(t *testing.T) {
	p := newPerson(t, storetest.New(t))
	for body, status := range map[string]int{
		``: 400, `{`: 400, `[]`: 422, `{}`: 422, `{"password":"` + after + `"}`: 422, `{"current_password":"` + before + `"}`: 422,
		`{"current_password":"` + before + `","password":"short"}`:                                  422,
		`{"current_password":"` + before + `","password":"password1"}`:                              422,
		`{"current_password":"` + before + `","password":"annexample"}`:                             422,
		`{"current_password":"` + before + `","password":"` + strings.Repeat("x", 257) + `"}`:       422,
		`{"current_password":"` + strings.Repeat("x", 257) + `","password":"` + after + `"}`:        422,
		`{"current_password":"` + before + `","password":"` + after + `","email":"a@example.com"}`:  422,
		`{"current_password":["` + before + `"],"password":"` + after + `"}`:                        422,
		`{"current_password":"` + before + `","password":"` + after + `","password":"something x"}`: 422,
	} {
		expect.Same(t, body+": status", p.change(body).Status, status)
	}
	key := gatewaytest.Key(p.Keys[0], "scoped", p.Member.ID, "prj_A", "admin")
	expect.Same(t, "a key of theirs: status", p.changeAs(key, good).Status, 403)
	expect.Same(t, "the old password is good", p.opens(before), true)
	expect.Same(t, "the other session is good", p.loggedIn(p.Session), true)
}

func TestDisabledUserChangesNoPassword(t *testing.T) {
	p, yes := newPerson(t, storetest.New(t)), true
	if _, err := p.Store.ChangeUser(ctx, p.Admin.ID, p.Member.ID, store.Change{Disabled: &yes}, storetest.Entry, time.Now()); err != nil {
		t.Fatal(err)
	}
	a := p.change(good) // their session has not ended yet, or somebody caches it
	expect.Same(t, "status", a.Status, 403)
	expect.Same(t, "error_code", a.Code(t), "ACCOUNT_DISABLED")
	expect.Same(t, "the old password is good", p.opens(before), true)
}
