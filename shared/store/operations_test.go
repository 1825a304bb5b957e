package store_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// operation is one method of the store, to be tried on what prepare made.
type operation struct {
	name    string
	prepare func(t *testing.T, s *store.Store) any
	try     func(s *store.Store, prepared any) error
	done    func(s *store.Store, prepared any) bool // whether it has had its effect
}

var operations = []operation{
	{"check key", aKey, func(s *store.Store, p any) error {
		_, _, err := s.CheckKey(ctx, p.(apikey.Key).ID, good, nil, now)
		return err
	}, nil},
	{"check and count key", aKey, func(s *store.Store, p any) error {
		_, _, err := s.CheckKey(ctx, p.(apikey.Key).ID, good, &reading, now)
		return err
	}, func(s *store.Store, p any) bool {
		_, state, err := s.CheckKey(ctx, p.(apikey.Key).ID, good, &reading, now)
		return err == nil && state.Remaining < reading.Max-1
	}},
	{"count uses", aKey, func(s *store.Store, p any) error {
		few, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		_, err := s.CountUses(few, newPrinter().uses(p.(apikey.Key), 3), time.Hour, now.Add(time.Hour))
		return err
	}, func(s *store.Store, p any) bool {
		entries, _, _ := s.AuditLog(ctx, p.(apikey.Key).ID, store.Page{Limit: 10}, now)
		return slices.ContainsFunc(entries, func(e audit.Entry) bool { return e.Action == audit.Used })
	}},
	{"check session", aSession, func(s *store.Store, p any) error {
		_, _, err := s.CheckSession(ctx, p.(session.Session).ID, &reading, now)
		return err
	}, nil},
	{"count address", nothing, func(s *store.Store, _ any) error {
		_, err := s.CountPublic(ctx, "address:192.0.2.7", &reading, now)
		return err
	}, nil},
	{"create key", func(t *testing.T, _ *store.Store) any { return apikey.Key{ID: apikey.NewID(), Owner: "usr_A"} },
		func(s *store.Store, p any) error { return s.CreateKey(ctx, p.(apikey.Key), entry(audit.Created)) },
		func(s *store.Store, p any) bool { return key(s, p).ID != "" }},
	{"revoke key", aKey, func(s *store.Store, p any) error {
		_, err := s.RevokeKey(ctx, p.(apikey.Key), entry(audit.Revoked))
		return err
	}, func(s *store.Store, p any) bool { return key(s, p).RevokedAt != nil }},
	{"regenerate key", aKey, func(s *store.Store, p any) error {
		_, err := s.RegenerateKey(ctx, p.(apikey.Key), "1:next", 0, entry(audit.Regenerated))
		return err
	}, func(s *store.Store, p any) bool { return key(s, p).Generation == 2 }},
	{"delete key", aKey, func(s *store.Store, p any) error {
		return s.DeleteKey(ctx, p.(apikey.Key), entry(audit.Deleted))
	}, func(s *store.Store, p any) bool { return key(s, p).ID == "" }},
	{"rotate session", aSession, func(s *store.Store, p any) error {
		_, err := s.RotateSession(ctx, p.(session.Session).ID, session.Refresh{Lifetime: time.Hour, Family: 24 * time.Hour, Now: now})
		return err
	}, nil},
	{"end session", aSession, func(s *store.Store, p any) error {
		return s.EndSession(ctx, p.(session.Session).ID, p.(session.Session).UserID)
	}, nil},
	{"create user", func(*testing.T, *store.Store) any { return user.New("a@example.com", user.Member, now) },
		func(s *store.Store, p any) error { return s.CreateUser(ctx, p.(user.User), "hash") },
		func(s *store.Store, p any) bool {
			_, err := s.User(ctx, p.(user.User).ID)
			_, loginErr := s.Login(ctx, "a@example.com")
			if (err == nil) != (loginErr == nil) {
				panic("a user without a login, or a login without a user")
			}
			return err == nil
		}},
	{"create project", nothing, func(s *store.Store, _ any) error {
		return s.CreateProject(ctx, project.New("usr_A", "one", "gf_", now))
	}, nil},
	{"list keys", aKey, func(s *store.Store, _ any) error {
		_, _, err := s.Keys(ctx, "usr_A", store.Page{Limit: 10})
		return err
	}, nil},
	{"audit log", aKey, func(s *store.Store, p any) error {
		_, _, err := s.AuditLog(ctx, p.(apikey.Key).ID, store.Page{Limit: 10}, now)
		return err
	}, nil},
	{"log in", aUser, func(s *store.Store, _ any) error {
		_, err := s.Login(ctx, "a@example.com")
		return err
	}, nil},
	{"set password", aUser, func(s *store.Store, _ any) error { return s.SetPassword(ctx, "a@example.com", "other") },
		func(s *store.Store, _ any) bool {
			found, err := s.Login(ctx, "a@example.com")
			return err == nil && found.PasswordHash == "other"
		}},
}

func nothing(*testing.T, *store.Store) any { return nil }

func aKey(t *testing.T, s *store.Store) any { return newKey(t, s, nil) }

func aSession(t *testing.T, s *store.Store) any { return newSession(t, s) }

func key(s *store.Store, prepared any) (k apikey.Key) {
	k, _ = s.Key(ctx, prepared.(apikey.Key).ID)
	return k
}

func aUser(t *testing.T, s *store.Store) any {
	t.Helper()
	u := user.New("a@example.com", user.Member, now)
	if err := s.CreateUser(ctx, u, "hash"); err != nil {
		t.Fatal(err)
	}
	return u
}
