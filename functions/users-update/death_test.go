package main

import (
	"testing"

	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

// A function that is killed while it disables somebody leaves nobody half let in: either nothing has
// happened, or they get nothing new, and the same request again ends the rest. Enabling them does so too,
// before it enables them.
func TestDeathWhileSomebodyIsDisabledLeavesTheRestToTheNextRequest(t *testing.T) {
	for _, next := range []string{`{"disabled":true}`, `{"disabled":false}`} {
		storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
			w := newWorld(t, s, 1)
			life.Of(func() { w.patch(w.AsAdmin(), w.Member.ID, `{"disabled":true}`) })
			u, err := s.User(ctx, w.Member.ID)
			if err != nil {
				t.Fatal(err)
			}
			switch u.Status() {
			case user.Active:
				expect.Same(t, "the session is good", w.loggedIn(w.Session), true)
				return
			case user.Disabled:
				expect.Same(t, "a key is good", w.good(w.Keys[0]), false)
			}
			a := w.patch(w.AsAdmin(), w.Member.ID, next)
			expect.Same(t, "status", a.Status, 200)
			expect.Same(t, "the session is good", w.loggedIn(w.Session), false)
			for _, id := range w.Keys {
				expect.Same(t, "a key is good", w.good(id), false)
			}
		})
	}
}
