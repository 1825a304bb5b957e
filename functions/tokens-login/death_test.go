package main

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/login"
	"github.com/latchkey/latchkey/shared/password"
	"github.com/latchkey/latchkey/shared/password/passwordtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestLoginWhoseProcessWasKilledIsRepeatedAndCountsAsOneTryAtMost(t *testing.T) {
	limits := ratelimit.Limits{Window: 24 * time.Hour, Account: 2}
	old, err := password.Cost{Memory: 8, Passes: 1}.Hash("correct horse") // it is replaced at the login
	if err != nil {
		t.Fatal(err)
	}
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		ctx := context.Background()
		u := user.New("ann@example.com", user.Member, time.Now())
		if err := s.CreateUser(ctx, u, old, storetest.Entry(audit.Registered)); err != nil {
			t.Fatal(err)
		}
		issuer := session.Issuer{Tokens: tokentest.Authority(t), Access: time.Hour, Refresh: 720 * time.Hour, Family: 4320 * time.Hour}
		f := gateway.Public(s, nil, handler{login.New(s, limits, passwordtest.Cost, time.Hour), issuer}.serve)
		life.Of(func() { post(t, f, good) })
		expect.Same(t, "the status when it is repeated", post(t, f, good).Status, 200)
		_, state, err := s.CountTry(ctx, u.Email, "192.0.2.7", *limits.ForAccount(), time.Now())
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the tries that are left after a login and one more", state.Remaining, limits.Account-1)
		found, err := s.Login(ctx, u.Email)
		if err != nil {
			t.Fatal(err)
		}
		matches, stale, err := passwordtest.Cost.Matches("correct horse", found.PasswordHash)
		expect.Same(t, "the password is good, and its hash of today's cost", err == nil && matches && !stale, true)
	})
}
