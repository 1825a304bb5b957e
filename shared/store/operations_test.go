package store_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// operation is one method of the store, to be tried on what prepare made.
type operation struct {
	name    string
	prepare func(t *testing.T, s *store.Store) any
	try     func(ctx context.Context, s *store.Store, prepared any) error
	times   func(s *store.Store, prepared any) int // how often it has had its effect; it panics at half of one
}

var operations = []operation{
	{"check key", aKey, func(ctx context.Context, s *store.Store, p any) error {
		_, _, err := s.CheckKey(ctx, p.(apikey.Key).ID, good, nil, now)
		return err
	}, nil},
	{"check and count key", aKey, func(ctx context.Context, s *store.Store, p any) error {
		_, _, err := s.CheckKey(ctx, p.(apikey.Key).ID, good, &reading, now)
		return err
	}, func(s *store.Store, p any) int {
		_, state, _ := s.CheckKey(ctx, p.(apikey.Key).ID, good, &reading, now)
		return reading.Max - state.Remaining - 1
	}},
	{"count uses", aKey, func(ctx context.Context, s *store.Store, p any) error {
		few, cancel := context.WithTimeout(ctx, 3*time.Second)
		defer cancel()
		_, err := s.CountUses(few, newPrinter().uses(p.(apikey.Key), 3), time.Hour, now.Add(time.Hour))
		return err
	}, func(s *store.Store, p any) int {
		entries, _, _ := s.AuditLog(ctx, p.(apikey.Key).ID, store.Page{Limit: 10}, now)
		uses := 0
		for _, e := range entries {
			uses += e.Count
		}
		return uses / 3
	}},
	{"check session", aSession, func(ctx context.Context, s *store.Store, p any) error {
		_, _, err := s.CheckSession(ctx, p.(session.Session).ID, &reading, now)
		return err
	}, nil},
	{"count address", nothing, func(ctx context.Context, s *store.Store, _ any) error {
		_, err := s.CountPublic(ctx, "address:192.0.2.7", &reading, now)
		return err
	}, nil},
	{"create key", func(t *testing.T, _ *store.Store) any { return apikey.Key{ID: apikey.NewID(), Owner: "usr_A"} },
		func(ctx context.Context, s *store.Store, p any) error {
			return s.CreateKey(ctx, p.(apikey.Key), entry(audit.Created))
		},
		func(s *store.Store, p any) int { return logged(s, p, audit.Created, key(s, p).ID != "") }},
	{"revoke key", aKey, func(ctx context.Context, s *store.Store, p any) error {
		_, err := s.RevokeKey(ctx, p.(apikey.Key), entry(audit.Revoked))
		return err
	}, func(s *store.Store, p any) int { return logged(s, p, audit.Revoked, key(s, p).RevokedAt != nil) }},
	{"regenerate key", aKey, func(ctx context.Context, s *store.Store, p any) error {
		_, err := s.RegenerateKey(ctx, p.(apikey.Key), "1:next", 0, entry(audit.Regenerated))
		return err
	}, func(s *store.Store, p any) int { return logged(s, p, audit.Regenerated, key(s, p).Generation > 1) }},
	{"change key", aKey, func(ctx context.Context, s *store.Store, p any) error {
		next := p.(apikey.Key)
		next.Label = "another"
		disable(&next)
		return s.ChangeKeyBy(ctx, apikey.Maker{}, p.(apikey.Key), next, entry(audit.Updated))
	}, func(s *store.Store, p any) int {
		k := key(s, p)
		if (k.Label == "another") != (k.DisabledAt != nil) {
			panic("half of a change")
		}
		return logged(s, p, audit.Updated, k.DisabledAt != nil)
	}},
	{"delete key", aKey, func(ctx context.Context, s *store.Store, p any) error {
		return s.DeleteKey(ctx, p.(apikey.Key), entry(audit.Deleted))
	}, func(s *store.Store, p any) int { return logged(s, p, audit.Deleted, key(s, p).ID == "") }},
	{"revoke all that came from a key", func(t *testing.T, s *store.Store) any {
		maker := newKey(t, s, nil)
		child := makes(t, s, maker)
		makes(t, s, child)
		if _, err := s.RevokeKey(ctx, maker, entry(audit.Revoked)); err != nil {
			t.Fatal(err)
		}
		return [2]apikey.Key{maker, child}
	}, func(ctx context.Context, s *store.Store, p any) error {
		_, err := s.RevokeAllFrom(ctx, p.([2]apikey.Key)[0], func() audit.Entry { return entry(audit.Revoked) })
		return err
	}, func(s *store.Store, p any) int {
		child := p.([2]apikey.Key)[1]
		return logged(s, child, audit.Revoked, key(s, child).RevokedAt != nil)
	}},
	{"revoke token", aKey, func(ctx context.Context, s *store.Store, p any) error {
		claims := clientToken(p.(apikey.Key).ID, 1)
		claims.ExpiresAt = jwt.NewNumericDate(now.Add(time.Hour))
		return s.RevokeToken(ctx, claims, entry(audit.Revoked))
	}, func(s *store.Store, p any) int {
		return logged(s, p, audit.Revoked, len(key(s, p).RevokedTokens) == 1)
	}},
	{"rotate session", aSession, func(ctx context.Context, s *store.Store, p any) error {
		_, err := s.RotateSession(ctx, p.(session.Session).ID, session.Refresh{Lifetime: time.Hour, Family: 24 * time.Hour, Now: now})
		return err
	}, func(s *store.Store, p any) int {
		ses, _, _ := s.CheckSession(ctx, p.(session.Session).ID, nil, now)
		return ses.Generation
	}},
	{"end session", aSession, func(ctx context.Context, s *store.Store, p any) error {
		return s.EndSession(ctx, p.(session.Session).ID, p.(session.Session).UserID)
	}, func(s *store.Store, p any) int {
		_, _, err := s.CheckSession(ctx, p.(session.Session).ID, nil, now)
		return once(errors.Is(err, session.ErrEnded))
	}},
	{"create user", func(*testing.T, *store.Store) any { return user.New("a@example.com", user.Member, now) },
		func(ctx context.Context, s *store.Store, p any) error {
			return s.CreateUser(ctx, p.(user.User), "hash", entry(audit.Registered))
		},
		func(s *store.Store, p any) int {
			_, err := s.User(ctx, p.(user.User).ID)
			_, loginErr := s.Login(ctx, "a@example.com")
			if (err == nil) != (loginErr == nil) {
				panic("a user without a login, or a login without a user")
			}
			return once(err == nil)
		}},
	{"create run", func(*testing.T, *store.Store) any { return run.New("usr_A", "prj_A", time.Hour, now) },
		func(ctx context.Context, s *store.Store, p any) error { return s.CreateRun(ctx, p.(run.Run)) },
		func(s *store.Store, p any) int {
			_, err := s.Run(ctx, p.(run.Run).ID, now)
			return once(err == nil)
		}},
	{"append events", func(t *testing.T, s *store.Store) any { return newRun(t, s) },
		func(ctx context.Context, s *store.Store, p any) error {
			a := batch(1, 3)
			a.Once = &run.Once{ID: "once", Digest: "same"}
			_, err := s.AppendEvents(ctx, p.(run.Run), a)
			return err
		},
		func(s *store.Store, p any) int {
			r, _ := s.Run(ctx, p.(run.Run).ID, now)
			batches, _ := s.Events(ctx, run.Run{ID: r.ID, LastSeq: 1000}, 0, 1000)
			if len(batches) != r.LastSeq/3 {
				panic("a run whose last number is not that of its last event")
			}
			return len(batches)
		}},
	{"create project", nothing, func(ctx context.Context, s *store.Store, _ any) error {
		return s.CreateProject(ctx, project.New("usr_A", "one", "gf_", now))
	}, nil},
	{"list keys", aKey, func(ctx context.Context, s *store.Store, _ any) error {
		_, _, err := s.Keys(ctx, "usr_A", store.Page{Limit: 10})
		return err
	}, nil},
	{"audit log", aKey, func(ctx context.Context, s *store.Store, p any) error {
		_, _, err := s.AuditLog(ctx, p.(apikey.Key).ID, store.Page{Limit: 10}, now)
		return err
	}, nil},
	{"log in", aUser, func(ctx context.Context, s *store.Store, _ any) error {
		_, err := s.Login(ctx, "a@example.com")
		return err
	}, nil},
	{"set password", aUser, func(ctx context.Context, s *store.Store, _ any) error {
		return s.SetPassword(ctx, "a@example.com", "other", entry(audit.PasswordReset))
	},
		func(s *store.Store, _ any) int {
			found, err := s.Login(ctx, "a@example.com")
			return once(err == nil && found.PasswordHash == "other")
		}},
}

func once(done bool) int {
	if done {
		return 1
	}
	return 0
}

// logged is how often a key's log has that action. It panics if the log says that it was done and
// the key that it was not, or the other way round.
func logged(s *store.Store, prepared any, action string, done bool) int {
	entries, _, err := s.AuditLog(ctx, prepared.(apikey.Key).ID, store.Page{Limit: 100}, now)
	if err != nil {
		panic(err)
	}
	entries = slices.DeleteFunc(entries, func(e audit.Entry) bool { return e.Action != action })
	if done != (len(entries) > 0) {
		panic("a change without its entry, or an entry without its change")
	}
	return len(entries)
}

func nothing(*testing.T, *store.Store) any { return nil }

func aKey(t *testing.T, s *store.Store) any { k := newKey(t, s, nil); return key(s, k) }

func aSession(t *testing.T, s *store.Store) any { return newSession(t, s) }

func key(s *store.Store, prepared any) (k apikey.Key) {
	k, _ = s.Key(ctx, prepared.(apikey.Key).ID)
	return k
}

func aUser(t *testing.T, s *store.Store) any {
	t.Helper()
	u := user.New("a@example.com", user.Member, now)
	if err := s.CreateUser(ctx, u, "hash", entry(audit.Registered)); err != nil {
		t.Fatal(err)
	}
	return u
}
