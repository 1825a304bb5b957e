package main

import (
	"testing"

	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// A function that is killed while it changes a password leaves the old one, and the same request again
// changes it; or it leaves the new one, and nothing that the old one opened.
func TestDeathDuringAChangeLeavesNoSessionBesideTheNewPassword(t *testing.T) {
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		p := newPerson(t, s)
		life.Of(func() { p.change(good) })
		want := 422 // the new password is in force: the current one is wrong
		if p.opens(before) {
			want = 204
		} else {
			expect.Same(t, "beside the new password a session is good", p.loggedIn(p.Session), false)
		}
		expect.Same(t, "again: status", p.change(good).Status, want)
		expect.Same(t, "the new password is good", p.opens(after), true)
		expect.Same(t, "the other session is good", p.loggedIn(p.Session), false)
		expect.Same(t, "this session is good", p.loggedIn(p.here), true)
	})
}
