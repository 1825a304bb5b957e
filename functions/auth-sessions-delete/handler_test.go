package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/randomid"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func open(t *testing.T, s *store.Store, email string) session.Session {
	t.Helper()
	ses := session.New(user.New(email, user.Member, time.Now()), time.Hour, "192.0.2.7", "browser", time.Now())
	if err := s.CreateSession(context.Background(), ses, storetest.Entry(audit.SignedIn)); err != nil {
		t.Fatal(err)
	}
	return ses
}

func remove(t *testing.T, s *store.Store, caller map[string]any, id string) gatewaytest.Answer {
	t.Helper()
	return gatewaytest.Do(t, gateway.Protected(handler{s, time.Hour}.serve), gatewaytest.Call{
		Method: "DELETE", Resource: "/v1/auth/sessions/{id}", Path: map[string]string{"id": id}, Authorizer: caller,
	})
}

func TestUsersEndTheirOwnSessionsAndNoOthers(t *testing.T) {
	s := storetest.New(t)
	mine, theirs := open(t, s, "ann@example.com"), open(t, s, "bob@example.com")
	me := gatewaytest.User(mine.UserID, mine.Email, mine.Role, "")
	for _, id := range []string{
		theirs.ID, randomid.New("ses_"), "", "ses_", "../" + mine.ID, mine.ID + "\x00", strings.Repeat("A", 2000),
	} {
		switch answer := remove(t, s, me, id); {
		case answer.Status != 404:
			t.Errorf("%.40q: status %d, want 404: %s", id, answer.Status, answer.Body)
		case answer.Code(t) != "RESOURCE_NOT_FOUND":
			t.Errorf("%.40q: error_code: %v, want RESOURCE_NOT_FOUND", id, answer.Code(t))
		}
	}
	if answer := remove(t, s, gatewaytest.Key("k", "scoped", mine.UserID, "prj_A", "admin"), mine.ID); answer.Status != 403 {
		t.Errorf("a key of the user: %d %s", answer.Status, answer.Body)
	}
	for _, ses := range []session.Session{mine, theirs} {
		if _, _, err := s.CheckSession(context.Background(), ses.ID, nil, time.Now()); err != nil {
			t.Fatalf("%s: %v", ses.Email, err)
		}
	}
	switch answer := remove(t, s, me, mine.ID); {
	case answer.Status != 204:
		t.Errorf("status %d, want 204: %s", answer.Status, answer.Body)
	case answer.Body != "":
		t.Errorf("body: %q, want none", answer.Body)
	}
	if _, _, err := s.CheckSession(context.Background(), mine.ID, nil, time.Now()); !errors.Is(err, session.ErrEnded) {
		t.Errorf("the session still stands: %v", err)
	}
	log, _, err := s.AccountLog(context.Background(), mine.UserID, store.Page{Limit: 1}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the newest entry", log[0].Action, audit.SessionEnded)
	expect.Same(t, "which session it names", log[0].Detail["session"]+" "+log[0].Label, mine.ID+" browser")
	if again := remove(t, s, me, mine.ID); again.Status != 404 {
		t.Errorf("again: %d", again.Status)
	}
}
