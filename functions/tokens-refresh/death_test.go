package main

import (
	"testing"

	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestRefreshWhoseProcessWasKilledIsRepeatedFromElsewhereAndTheSessionGoesOn(t *testing.T) {
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		f := familyOn(t, s)
		first := f.refreshToken(t, 0)
		expect.Same(t, "the first refresh", f.from(t, home, browser, first).Status, 200)
		life.Of(func() { f.from(t, elsewhere, browser, first) }) // it repeats, and notes the second place
		again := f.from(t, elsewhere, browser, first)
		expect.Same(t, "the status when it is repeated", again.Status, 200)
		next, _ := again.JSON(t)["refresh_token"].(string)
		expect.Same(t, "the next refresh", f.from(t, elsewhere, browser, next).Status, 200)
		expect.Same(t, "the generation", f.now(t).Generation, 2)
		expect.Same(t, "the second place is shown", f.now(t).TwoPlaces != nil, true)
	})
}

func TestReplayWhoseProcessWasKilledEndsTheSessionWhenItIsSeenAgain(t *testing.T) {
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		f := familyOn(t, s)
		first := f.refreshToken(t, 0)
		expect.Same(t, "the client's own refresh", f.from(t, home, browser, first).Status, 200)
		life.Of(func() {
			if f.from(t, home, curl, first).Status == 200 {
				t.Error("the thief gets a pair")
			}
		})
		expect.Same(t, "the thief's second try", f.from(t, home, curl, first).Status, 401)
		expect.Same(t, "the session is ended", f.ended(), true)
	})
}
