package store_test

import (
	"maps"
	"testing"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

func TestKeyThatWasRegeneratedMeanwhileKeepsItsNewHash(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	if _, err := s.RegenerateKey(t.Context(), k, "1:regenerated", 0, entry(audit.Regenerated)); err != nil {
		t.Fatal(err)
	}
	if err := s.Rehash(t.Context(), k.ID, k.Hash, "2:hash"); err != nil {
		t.Fatal(err)
	}
	if found, err := s.Key(t.Context(), k.ID); err != nil || found.Hash != "1:regenerated" {
		t.Errorf("its hash is %s, %v", found.Hash, err)
	}
}

func TestDeletedKeyDoesNotComeBackWithANewHash(t *testing.T) {
	s := storetest.New(t)
	k := newKey(t, s, nil)
	if err := s.DeleteKey(t.Context(), k, entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
	if err := s.Rehash(t.Context(), k.ID, k.Hash, "2:hash"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Key(t.Context(), k.ID); err == nil {
		t.Error("it is there again")
	}
}

func TestKeysOfEveryOwnerAndPageAreCountedByTheirPepper(t *testing.T) {
	s := storetest.New(t)
	for i := range 130 { // more than one BatchGetItem reads
		newKey(t, s, func(k *apikey.Key) {
			if i%2 == 1 {
				k.Owner, k.Hash = "usr_B", "2:hash"
			}
		})
	}
	storetest.AwaitIndex()
	got, err := s.KeysByPepper(t.Context(), now)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]int{"1": 65, "2": 65}; !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}
