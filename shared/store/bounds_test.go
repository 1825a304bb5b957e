package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestWhatAnOwnerHasIsCountedAndNothingOfOthers(t *testing.T) {
	s := storetest.New(t)
	for i := range 3 {
		newKey(t, s, nil)
		newKey(t, s, func(k *apikey.Key) { k.Owner = "usr_B" })
		if err := s.CreateProject(ctx, project.New("usr_A", fmt.Sprint(i), "gf_", now)); err != nil {
			t.Fatal(err)
		}
	}
	storetest.AwaitIndex()
	for many, want := range map[int]bool{1: true, 3: true, 4: false, 100_000: false} {
		has, err := s.HasKeys(ctx, "usr_A", many)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, fmt.Sprintf("the owner has %d keys", many), has, want)
		if has, err = s.HasProjects(ctx, "usr_A", many); err != nil {
			t.Fatal(err)
		}
		expect.Same(t, fmt.Sprintf("the owner has %d projects", many), has, want)
	}
	has, err := s.HasKeys(ctx, "usr_C", 1)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "somebody else has a key", has, false)
}

func TestOldestSessionsEndAndNobodyElses(t *testing.T) {
	s := storetest.New(t)
	open := func(u user.User, at time.Time) session.Session {
		t.Helper()
		ses := session.New(u, 30*24*time.Hour, "192.0.2.7", "test", at)
		if err := s.CreateSession(ctx, ses, entry(audit.SignedIn)); err != nil {
			t.Fatal(err)
		}
		return ses
	}
	ann, ben := user.New("a@example.com", user.Member, now), user.New("b@example.com", user.Member, now)
	var of []session.Session
	for i := range 5 {
		of = append(of, open(ann, now.Add(time.Duration(i)*time.Minute)))
	}
	other := open(ben, now.Add(-time.Hour))
	storetest.AwaitIndex()
	if err := s.EndOldestSessions(ctx, ann.ID, 2); err != nil {
		t.Fatal(err)
	}
	for i, ses := range append(of, other) {
		_, _, err := s.CheckSession(ctx, ses.ID, nil, now.Add(10*time.Minute))
		expect.Same(t, fmt.Sprintf("session %d stands", i), err == nil, i >= 3)
	}
	storetest.AwaitIndex()
	list, _, err := s.Sessions(ctx, ann.ID, "", store.Page{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the sessions that are listed", len(list), 2)
}
