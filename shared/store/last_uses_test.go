package store_test

import (
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

func TestLastUseIsTheNewestThatWasLetThrough(t *testing.T) {
	s, p := storetest.New(t), newPrinter()
	k, unused := newKey(t, s, nil), newKey(t, s, func(k *apikey.Key) { k.LastUsedAt = 7 }) // by the landed release
	at := func(second int, change func(*audit.Use)) audit.Use {
		return p.use(k, func(u *audit.Use) {
			u.At = now.Add(time.Duration(second) * time.Second)
			if change != nil {
				change(u)
			}
		})
	}
	for _, uses := range [][]audit.Use{
		{at(5, nil), at(9, nil), at(7, nil)},
		{at(8, nil)}, // late
		{at(20, func(u *audit.Use) { u.Refused = true })},
		{at(30, func(u *audit.Use) { u.Proven, u.Refused = false, true })},
	} {
		if err := s.SetLastUses(ctx, uses, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	storetest.AwaitIndex()
	list, _, err := s.Keys(ctx, k.Owner, store.Page{Limit: 100})
	if err != nil || len(list) != 2 {
		t.Fatalf("%d keys, %v", len(list), err)
	}
	for _, found := range list {
		want := map[string]int64{k.ID: now.Unix() + 9, unused.ID: 7}[found.ID]
		if found.LastUsedAt != want {
			t.Errorf("%s: last used at %d, want %d", found.ID, found.LastUsedAt, want)
		}
		one, err := s.WithLastUse(ctx, found)
		if err != nil {
			t.Fatal(err)
		}
		if one.LastUsedAt != want {
			t.Errorf("%s, read alone: last used at %d, want %d", found.ID, one.LastUsedAt, want)
		}
	}
}

func TestPageOfAHundredKeysHasTheirLastUses(t *testing.T) {
	s, p := storetest.New(t), newPrinter()
	var uses []audit.Use
	for range 100 {
		uses = append(uses, p.use(newKey(t, s, nil), nil))
	}
	if err := s.SetLastUses(ctx, uses, time.Hour); err != nil {
		t.Fatal(err)
	}
	storetest.AwaitIndex()
	list, _, err := s.Keys(ctx, "usr_A", store.Page{Limit: 100})
	if err != nil || len(list) != 100 {
		t.Fatalf("%d keys, %v", len(list), err)
	}
	for _, k := range list {
		if k.LastUsedAt != now.Unix() {
			t.Fatalf("%s was last used at %d", k.ID, k.LastUsedAt)
		}
	}
}
