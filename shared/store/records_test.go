package store_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestEachRecordIsExportedAndNothingSecret(t *testing.T) {
	s := storetest.New(t)
	now := time.Now()
	u := user.New("ada@example.com", user.Member, now)
	made := errors.Join(s.CreateUser(t.Context(), u, "hash-of-a-password", entry(audit.Registered)), s.CreateProject(t.Context(), project.New(u.ID, "Shop", "shop_", now)))
	k := newKey(t, s, func(k *apikey.Key) { k.Owner, k.Hash = u.ID, "1:hash-of-a-key" })
	made = errors.Join(made, s.SetLastUses(t.Context(), []audit.Use{{KeyID: k.ID, At: now, Proven: true}}, time.Hour))
	gone := newKey(t, s, func(k *apikey.Key) { k.ExpiresAt = now.Add(-time.Second).Unix() })
	newSession(t, s)
	deleteCustomer(t, s, acme(t, s).ID)
	newCustomer(t, s, func(c *customer.Customer) { c.Name = "Byte" })
	r := newRun(t, s)
	_, err := s.AppendEvents(t.Context(), r, run.Append{Events: []json.RawMessage{[]byte(`{"kind":"status"}`)}, Status: run.Pass, At: now})
	if err = errors.Join(made, err); err != nil {
		t.Fatal(err)
	}

	var out bytes.Buffer
	kinds := map[string]int{}
	var used bool
	err = s.EachRecord(t.Context(), now, func(r store.Record) error {
		kinds[r.Kind]++
		if v, ok := r.Record.(customer.View); ok {
			expect.Same(t, "the customer that is exported, and not the one that was deleted", v.Name, "Byte")
		}
		if v, ok := r.Record.(apikey.View); ok {
			used = used || v.ID == k.ID && v.LastUsedAt != nil && r.OwnerID == u.ID
			if v.ID == gone.ID {
				t.Error("an expired key is exported")
			}
		}
		return json.NewEncoder(&out).Encode(r)
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, least := range map[string]int{"user": 1, "project": 2, "customer": 1, "api_key": 1, "session": 1, "run": 1, "events": 1, "entry": 1} {
		if kinds[kind] < least {
			t.Errorf("there are %d of kind %s, want %d", kinds[kind], kind, least)
		}
	}
	expect.Same(t, "kinds of records", len(kinds), 8)
	if !used {
		t.Error("the key has not its owner and its last use")
	}
	for _, secret := range []string{"hash-of-a-password", "hash-of-a-key", `"hash":"1:`} {
		if bytes.Contains(out.Bytes(), []byte(secret)) {
			t.Errorf("%s is exported", secret)
		}
	}
}
