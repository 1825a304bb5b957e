package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

var now = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)

func newKey(t *testing.T, s *store.Store, change func(*apikey.Key)) apikey.Key {
	t.Helper()
	k := apikey.Key{
		ID: apikey.NewID(), Label: "test", Type: apikey.Scoped, Owner: "usr_A", Project: "prj_A",
		Scopes: []string{"read:stats"}, Hash: "1:hash", Generation: 1, CreatedAt: now,
	}
	if change != nil {
		change(&k)
	}
	if err := s.CreateKey(context.Background(), k, entry(audit.Created)); err != nil {
		t.Fatal(err)
	}
	return k
}

func entry(action string) audit.Entry {
	return audit.New(action, audit.Source{Now: now}, time.Hour)
}

func TestRevokedKeyIsRefusedOnTheNextCheck(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	ctx := context.Background()
	if _, _, err := s.CheckKey(ctx, k.ID, []string{"1:hash"}, nil, now); err != nil {
		t.Fatalf("a good key: %v", err)
	}
	if _, err := s.RevokeKey(ctx, k, entry(audit.Revoked)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.CheckKey(ctx, k.ID, []string{"1:hash"}, nil, now); !errors.Is(err, apikey.ErrRevoked) {
		t.Fatalf("got %v, want ErrRevoked", err)
	}
}

// Whoever may know some keys only learns nothing of another, and counts nothing on it.
func TestKeyOfSomebodyElseDoesNotExistAndIsNotCounted(t *testing.T) {
	s := storetest.New(t)
	k, ctx := newKey(t, s, nil), context.Background()
	for _, limit := range []*ratelimit.Limit{nil, &reading} {
		for _, whose := range []store.Whose{{Owner: "usr_B"}, {Owner: "usr_A", Project: "prj_B"}, {Owner: "usr_B", Project: "prj_A"}} {
			found, _, err := s.CheckKeyOf(ctx, whose, k.ID, good, store.Count{Limit: limit, Cost: 1}, now)
			if !errors.Is(err, store.ErrNotFound) || found != nil {
				t.Errorf("to %v it is %v, %v", whose, found, err)
			}
		}
		for _, whose := range []store.Whose{{}, {Owner: "usr_A"}, {Owner: "usr_A", Project: "prj_A"}} {
			if _, _, err := s.CheckKeyOf(ctx, whose, k.ID, good, store.Count{Limit: limit, Cost: 1}, now); err != nil {
				t.Errorf("to %v: %v", whose, err)
			}
		}
	}
	_, state, err := s.CheckKey(ctx, k.ID, good, &reading, now)
	if err != nil || state.Remaining != reading.Max-4 {
		t.Errorf("%d requests remain, want %d: %v", state.Remaining, reading.Max-4, err)
	}
}
