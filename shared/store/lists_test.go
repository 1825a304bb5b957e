package store_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestListIsNewestFirstAndSurvivesInserts(t *testing.T) {
	s := storetest.New(t)
	var want []string
	for i := range 7 {
		k := newKey(t, s, func(k *apikey.Key) { k.CreatedAt = now.Add(time.Duration(i) * time.Millisecond) })
		want = append([]string{k.ID}, want...)
	}
	newKey(t, s, func(k *apikey.Key) { k.Owner = "usr_B" })
	storetest.AwaitIndex()
	var got []string
	for page := (store.Page{Limit: 3}); ; {
		list, next, err := s.Keys(ctx, "usr_A", page)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range list {
			got = append(got, k.ID)
		}
		if next == "" {
			break
		}
		newKey(t, s, func(k *apikey.Key) { k.CreatedAt = now.Add(time.Hour) })
		storetest.AwaitIndex()
		page.After = next
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestAuditPagesSurviveInserts(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	for i := range 5 {
		e := audit.New(audit.TokenIssued, audit.Source{Now: now.Add(time.Duration(i+1) * time.Second)}, time.Hour)
		if err := s.PutEntry(ctx, k, e); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[string]bool{}
	for page := (store.Page{Limit: 2}); ; {
		entries, next, err := s.AuditLog(ctx, k.ID, page, now)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if seen[e.ID] {
				t.Errorf("%s came twice", e.ID)
			}
			seen[e.ID] = true
		}
		if next == "" {
			break
		}
		if err := s.PutEntry(ctx, k, audit.New(audit.TokenIssued, audit.Source{Now: now.Add(time.Minute)}, time.Hour)); err != nil {
			t.Fatal(err)
		}
		page.After = next
	}
	if len(seen) != 6 {
		t.Errorf("%d of 6 entries", len(seen))
	}
	old, _, err := s.AuditLog(ctx, k.ID, store.Page{Limit: 100}, now.Add(2*time.Hour))
	if err != nil || len(old) != 0 {
		t.Errorf("after the retention: %d entries, %v", len(old), err)
	}
}

func TestCursorOfAnotherListIsRefused(t *testing.T) {
	s := storetest.New(t)
	k, other := newKey(t, s, nil), newKey(t, s, func(k *apikey.Key) { k.Owner = "usr_B" })
	newKey(t, s, func(k *apikey.Key) { k.Owner = "usr_B" })
	_, foreign, err := s.Keys(ctx, "usr_B", store.Page{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if foreign == "" {
		t.Fatal("a list of two keys has no second page")
	}
	cursors := map[string]string{
		"foreign":         string(foreign),
		"no base64":       "%%%",
		"no JSON":         encode("nonsense"),
		"no object":       encode("[]"),
		"not text":        encode(`{"pk":1,"sk":"x"}`),
		"half":            encode(`{"by_owner_pk":"usr_A#KEY"}`),
		"another table's": encode(`{"by_owner_pk":"usr_A#KEY","by_owner_sk":"x","pk":"x","other":"x"}`),
		"key, not entry":  encode(`{"pk":"KEY#` + k.ID + `","sk":"KEY"}`),
		"another key's":   encode(`{"pk":"KEY#` + other.ID + `","sk":"AUDIT#0"}`),
	}
	for name, text := range cursors {
		page := store.Page{After: store.Cursor(text), Limit: 10}
		if _, _, err := s.Keys(ctx, "usr_A", page); !errors.Is(err, store.ErrCursor) {
			t.Errorf("%s: keys: %v", name, err)
		}
		if _, _, err := s.Projects(ctx, "usr_A", page); !errors.Is(err, store.ErrCursor) {
			t.Errorf("%s: projects: %v", name, err)
		}
		if _, _, err := s.AuditLog(ctx, k.ID, page, now); !errors.Is(err, store.ErrCursor) {
			t.Errorf("%s: audit log: %v", name, err)
		}
	}
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

func TestProjectsAndSessionsAreListedToTheirOwner(t *testing.T) {
	s := storetest.New(t)
	p, q := project.New("usr_A", "one", "gf_", now), project.New("usr_A", "two", "gf_", now.Add(time.Second))
	for _, made := range []project.Project{p, q, project.New("usr_B", "three", "gf_", now)} {
		if err := s.CreateProject(ctx, made); err != nil {
			t.Fatal(err)
		}
	}
	ses := newSession(t, s)
	newSession(t, s)
	storetest.AwaitIndex()
	list, next, err := s.Projects(ctx, "usr_A", store.Page{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the cursor after the projects", next, "")
	if len(list) != 2 {
		t.Fatalf("%d projects, want 2: %v", len(list), list)
	}
	expect.Same(t, "the first project", list[0].ID, q.ID)
	expect.Same(t, "the second project", list[1].ID, p.ID)
	mine, _, err := s.Sessions(ctx, ses.UserID, "", store.Page{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	if len(mine) != 1 {
		t.Fatalf("%d sessions, want 1: %v", len(mine), mine)
	}
	expect.Same(t, "the session", mine[0].ID, ses.ID)
}

func TestForgedCursorOfAListIsNoErrorOfOurs(t *testing.T) {
	s := storetest.New(t)
	newKey(t, s, nil)
	place := func(sk string) store.Cursor {
		return store.Cursor(base64.RawURLEncoding.EncodeToString(
			[]byte(`{"by_owner_pk":"usr_A#KEY","by_owner_sk":"` + sk + `","pk":"x","sk":"y"}`)))
	}
	for _, cursor := range []store.Cursor{place("x"), place("\uffff"), place(strings.Repeat("x", 1100)), "{}", "bnVsbA", "e30"} {
		_, _, err := s.Keys(ctx, "usr_A", store.Page{After: cursor, Limit: 10})
		if err != nil && !errors.Is(err, store.ErrCursor) {
			t.Errorf("cursor %.40s: %v", cursor, err)
		}
	}
}
