package main

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/account/accounttest"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/link"
	"github.com/latchkey/latchkey/shared/newpassword"
	"github.com/latchkey/latchkey/shared/password/passwordtest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

const chosen = "a better horse, a new staple"

var ctx = context.Background()

type world struct{ *accounttest.People }

func newWorld(t *testing.T, s *store.Store) world {
	t.Helper()
	return world{accounttest.New(t, s, 1)}
}

// link makes a link of the member that was made some time ago, and returns its token.
func (w world) link(p link.Purpose, ago time.Duration) string {
	w.Helper()
	l, token := link.New(w.Member.ID, p, time.Now().Add(-ago))
	if err := w.Store.SetLink(ctx, w.Member.ID, p, l); err != nil {
		w.Fatal(err)
	}
	_, text, _ := strings.Cut(token.Address("", p), "=")
	return text
}

func (w world) reset(token, password string) gatewaytest.Answer {
	return w.post(`{"token":"` + token + `","password":"` + password + `"}`)
}

func (w world) post(body string) gatewaytest.Answer {
	w.Helper()
	h := handler{newpassword.Setter{Store: w.Store, Cost: passwordtest.Cost, Retention: time.Hour}}
	return gatewaytest.Do(w.T, gateway.Public(w.Store, nil, h.serve), gatewaytest.Call{Method: "POST", Resource: "/v1/auth/password/reset", Body: body})
}

func (w world) opens(given string) bool {
	w.Helper()
	found, err := w.Store.Login(ctx, w.Member.Email)
	if err != nil {
		w.Fatal(err)
	}
	if found.PasswordHash == "hash" { // that of accounttest
		return false
	}
	ok, _, err := passwordtest.Cost.Matches(given, found.PasswordHash)
	return ok && err == nil
}

func (w world) loggedIn() bool {
	_, _, err := w.Store.CheckSession(ctx, w.Session, nil, time.Now())
	return err == nil
}

// refused expects the answer to a link that is not good.
func (w world) refused(what string, a gatewaytest.Answer) {
	w.Helper()
	expect.Same(w.T, what+": status", a.Status, 422)
	expect.Same(w.T, what+": it is the token", strings.Contains(a.Body, `"field":"token"`), true)
}

func TestLinkSetsAPasswordOnceAndEndsEverySession(t *testing.T) {
	w := newWorld(t, storetest.New(t))
	token := w.link(link.Reset, 29*time.Minute)
	expect.Same(t, "status", w.reset(token, chosen).Status, 204)
	expect.Same(t, "the password is good", w.opens(chosen), true)
	expect.Same(t, "the session is good", w.loggedIn(), false)
	_, _, err := w.Store.CheckKey(ctx, w.Keys[0], []string{"1:hash"}, nil, time.Now())
	expect.Same(t, "the key is good", err == nil, true)
	w.refused("again", w.reset(token, "yet another horse"))
	expect.Same(t, "the password is still good", w.opens(chosen), true)
}

func TestLinkThatIsNotGoodSetsNothing(t *testing.T) {
	w := newWorld(t, storetest.New(t))
	older, newest := w.link(link.Reset, 0), w.link(link.Reset, 0)
	for what, token := range map[string]string{
		"an older one": older, "none": "", "an invented one": newest[:60] + strings.Repeat("A", 22), "one of another purpose": w.link(link.Verification, 0),
		"one of nobody": "lnk_" + strings.Repeat("A", 78), "one that has expired": w.link(link.Invitation, 7*24*time.Hour),
	} {
		w.refused(what, w.reset(token, chosen))
	}
	for _, weak := range []string{"short", "password1", "annexample", strings.Repeat("x", 257)} {
		a := w.reset(newest, weak)
		expect.Same(t, weak+": status", a.Status, 422)
		expect.Same(t, weak+": it is the password", strings.Contains(a.Body, `"field":"password"`), true)
	}
	for body, status := range map[string]int{``: 400, `{`: 400, `[]`: 422, `{}`: 422, `{"token":7}`: 422, `{"token":"` + newest + `","user":"x"}`: 422} {
		expect.Same(t, body+": status", w.post(body).Status, status)
	}
	expect.Same(t, "the session is good", w.loggedIn(), true)
	expired := w.link(link.Reset, 30*time.Minute)
	w.refused("one of half an hour ago", w.reset(expired, chosen))
}

func TestNewPasswordMakesEveryOtherLinkUseless(t *testing.T) {
	w := newWorld(t, storetest.New(t))
	invitation, token := w.link(link.Invitation, 0), w.link(link.Reset, 0)
	expect.Same(t, "status", w.reset(token, chosen).Status, 204)
	w.refused("the invitation", w.reset(invitation, "yet another horse"))
	token = w.link(link.Reset, 0)
	if err := w.Store.SetPassword(ctx, w.Member.Email, "hash", storetest.Entry(audit.PasswordReset)); err != nil { // an operator
		t.Fatal(err)
	}
	w.refused("a link from before", w.reset(token, chosen))
}

func TestDisabledUserChoosesNoPassword(t *testing.T) {
	w, yes := newWorld(t, storetest.New(t)), true
	token := w.link(link.Reset, 0)
	if _, err := w.Store.ChangeUser(ctx, w.Admin.ID, w.Member.ID, store.Change{Disabled: &yes}, storetest.Entry, time.Now()); err != nil {
		t.Fatal(err)
	}
	w.refused("a link from before", w.reset(token, chosen))
	expect.Same(t, "the password is good", w.opens(chosen), false)
}

func TestOfTwoResetsWithOneLinkOneIsDone(t *testing.T) {
	s := storetest.New(t)
	w := newWorld(t, s)
	for range storetest.Histories(t, 3) {
		token := w.link(link.Reset, 0)
		passwords := []string{"the first of two horses", "the second of two horses"}
		var done atomic.Int32
		var all sync.WaitGroup
		for _, each := range passwords {
			all.Go(func() {
				if a := w.reset(token, each); a.Status == 204 {
					done.Add(1)
					expect.Same(t, "the one that was done is good", w.opens(each), true)
				} else {
					w.refused("the other", a)
				}
			})
		}
		all.Wait()
		expect.Same(t, "how many were done", done.Load(), 1)
		w.refused("a third", w.reset(token, "yet another horse"))
	}
}

// A function that is killed leaves the old password and a link that is still good, or the new password, and
// nothing that the old one opened.
func TestDeathDuringAResetLeavesTheLinkOrThePassword(t *testing.T) {
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		w := newWorld(t, s)
		token := w.link(link.Reset, 0)
		life.Of(func() { w.reset(token, chosen) })
		if w.opens(chosen) {
			expect.Same(t, "beside the new password the session is good", w.loggedIn(), false)
			w.refused("again", w.reset(token, chosen))
			return
		}
		expect.Same(t, "again: status", w.reset(token, chosen).Status, 204)
		expect.Same(t, "the password is good", w.opens(chosen), true)
		expect.Same(t, "the session is good", w.loggedIn(), false)
	})
}
