package login

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/strictdynamo"
)

// TestRacesOfLoginsNeverAdmitMoreThanTheLimitNorRefuseTheOwner plays histories in which guessers at
// three addresses and the owner, at an address that the account knows, try at once. It must hold:
//
//   - of the guesses exactly the limit is admitted, together, whoever sends them;
//   - the owner is never refused, and no login of theirs takes a guess or gives one.
func TestRacesOfLoginsNeverAdmitMoreThanTheLimitNorRefuseTheOwner(t *testing.T) {
	const limit, guessers, each, logins = 5, 3, 4, 3
	cfg, table, proxy := storetest.Proxied(t)
	cfg.HTTPClient = http.DefaultClient // it waits for its answers however busy the machine is: none is lost
	proxy.Set(func(s *strictdynamo.Settings) { s.ConflictRate = 0.1 })
	l := New(store.New(cfg, table), ratelimit.Limits{Window: 24 * time.Hour, Account: limit}, password.Minimum, time.Hour)
	ctx, now := context.Background(), time.Now()
	for n := range storetest.Histories(t, 40) {
		at := func(address string) try {
			return try{fmt.Sprintf("ann%d@example.com", n), address, l.limits.ForAccount(), now}
		}
		owner := at("192.0.2.7")
		if _, err := l.store.SignedIn(ctx, owner.email, owner.address, "", now); err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		var admitted atomic.Int32
		for i := range guessers {
			for range each {
				all.Go(func() {
					if _, err := l.count(ctx, at(fmt.Sprintf("198.51.100.%d", i))); err == nil {
						admitted.Add(1)
					}
				})
			}
		}
		for range logins {
			all.Go(func() {
				known, err := l.count(ctx, owner)
				if err != nil || !known {
					t.Errorf("history %d: the owner's address is known: %t (%v)", n, known, err)
					return
				}
				if _, err := l.forget(ctx, owner, known, ""); err != nil {
					t.Errorf("history %d: %v", n, err)
				}
			})
		}
		all.Wait()
		if got := admitted.Load(); got != limit {
			t.Errorf("history %d: %d guesses are admitted, want %d", n, got, limit)
		}
		if _, err := l.count(ctx, at("203.0.113.1")); err == nil {
			t.Errorf("history %d: one more is admitted", n)
		}
	}
}
