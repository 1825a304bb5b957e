package main

import (
	"context"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/outbox"
	"github.com/latchkey/latchkey/shared/password/passwordtest"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestRegistrationWhoseProcessWasKilledLeavesAUserOrNothing(t *testing.T) {
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		ctx := context.Background()
		call := func() gatewaytest.Answer {
			return gatewaytest.Do(t, gateway.Protected(handler{s, passwordtest.Cost, outbox.Outbox{}, time.Hour}.serve), gatewaytest.Call{
				Method: "POST", Resource: "/v1/auth/register", Authorizer: gatewaytest.User("usr_A", "a@example.com", "admin", "admin"),
				Body: `{"email": "new@example.com", "password": "long enough to guess"}`,
			})
		}
		life.Of(func() { call() })
		_, err := s.Login(ctx, "new@example.com")
		want := 201
		if err == nil {
			want = 409
		}
		expect.Same(t, "the status when it is repeated", call().Status, want)
		found, err := s.Login(ctx, "new@example.com")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.User(ctx, found.UserID); err != nil {
			t.Errorf("the user: %v", err)
		}
		if _, err := s.Project(ctx, user.DefaultProject(found.UserID)); err != nil {
			t.Errorf("the first project: %v", err)
		}
		matches, _, err := passwordtest.Cost.Matches("long enough to guess", found.PasswordHash)
		expect.Same(t, "the password is good", err == nil && matches, true)
	})
}
