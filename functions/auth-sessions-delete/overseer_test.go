package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestAdministratorEndsTheSessionOfAnybody(t *testing.T) {
	ctx, s, now := context.Background(), storetest.New(t), time.Now()
	ses := session.New(user.New("a@example.com", user.Member, now), time.Hour, "192.0.2.7", "test", now)
	if err := s.CreateSession(ctx, ses, storetest.Entry(audit.SignedIn)); err != nil {
		t.Fatal(err)
	}
	f := gateway.Protected(handler{s, time.Hour}.serve)
	end := func(role string) int {
		t.Helper()
		return gatewaytest.Do(t, f, gatewaytest.Call{
			Method: "DELETE", Resource: "/v1/auth/sessions/{id}", Path: map[string]string{"id": ses.ID},
			Authorizer: gatewaytest.User("usr_B", "b@example.com", role, ""),
		}).Status
	}
	expect.Same(t, "a member: status", end("member"), 404)
	if _, _, err := s.CheckSession(ctx, ses.ID, nil, now); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "an administrator: status", end("admin"), 204)
	if _, _, err := s.CheckSession(ctx, ses.ID, nil, now); !errors.Is(err, session.ErrEnded) {
		t.Errorf("the session is checked: %v", err)
	}
	expect.Same(t, "again: status", end("admin"), 404)
	log, _, err := s.AccountLog(ctx, ses.UserID, store.Page{Limit: 10}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "how many entries the log has", len(log), 2)
	expect.Same(t, "the newest entry", log[0].Action, audit.SessionEnded)
	expect.Same(t, "who ended the session", log[0].Actor.ID, "usr_B")
}
