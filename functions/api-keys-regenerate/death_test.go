package main

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestRegenerationWhoseProcessWasKilledIsRepeatedAndTheSecretThatIsAnsweredIsGood(t *testing.T) {
	text := `{"current":"1","1":"` + strings.Repeat("p", 32) + `"}`
	pepper := secret.NewSource(func(context.Context) (string, error) { return text, nil }, time.Now)
	storetest.EachDeath(t, func(t *testing.T, s *store.Store, life *storetest.Life) {
		ctx := context.Background()
		ring, err := pepper.Ring(ctx)
		if err != nil {
			t.Fatal(err)
		}
		k := apikey.Key{ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A", Prefix: "gf_", Generation: 1, CreatedAt: time.Now()}
		old := apikey.New("gf_", k.ID)
		k.Hash = ring.MAC(old)
		if err := s.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: time.Now()}, time.Hour)); err != nil {
			t.Fatal(err)
		}
		call := func() gatewaytest.Answer {
			f := gateway.Protected(handler{s, pepper, time.Hour, 100, ratelimit.Limits{}}.serve)
			return gatewaytest.Do(t, f, gatewaytest.Call{
				Method: "POST", Resource: "/api/v1/auth/api-keys/{id}/regenerate", Path: map[string]string{"id": k.ID},
				Authorizer: gatewaytest.User("usr_A", "a@example.com", "member", ""),
			})
		}
		good := func(full string) bool {
			_, _, err := s.CheckKey(ctx, k.ID, ring.MACs(full), nil, time.Now())
			return err == nil
		}
		life.Of(func() { call() })
		found, err := s.Key(ctx, k.ID)
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the old secret is good as long as nothing is done", good(old), found.Generation == 1)
		answered := call()
		expect.Same(t, "the status when it is repeated", answered.Status, 200)
		fresh, _ := answered.JSON(t)["key"].(string)
		expect.Same(t, "the secret that was answered is good", good(fresh), true)
		expect.Same(t, "the old secret is good", good(old), false)
		log, _, err := s.AuditLog(ctx, k.ID, store.Page{Limit: 10}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		expect.Same(t, "the entries of its log", len(log), found.Generation+1)
	})
}
