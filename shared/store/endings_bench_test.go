package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
)

// BenchmarkEndOfAUser disables and deletes users who have keys, and hands keys over, for each key: its time.
// For 10,000 keys: -bench EndOfAUser -benchtime 10000x.
func BenchmarkEndOfAUser(b *testing.B) {
	_, table := storetest.Table(b)
	direct := awsenv.Config("DYNAMODB")
	s := store.New(direct, table)
	yes := true
	for name, do := range map[string]func(by, u, heir user.User) error{
		"disable": func(by, u, _ user.User) error { return changeUser(s, by.ID, u.ID, store.Change{Disabled: &yes}) },
		"delete":  func(by, u, _ user.User) error { return changeUser(s, by.ID, u.ID, store.Change{Delete: true}) },
		"hand over": func(_, u, heir user.User) error {
			_, err := handOver(s, u, heir)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			var people [3]user.User
			for i := range people {
				people[i] = user.New(fmt.Sprintf("%d-%s@example.com", i, apikey.NewID()), user.Admin, now)
				if err := s.CreateUser(ctx, people[i], "hash", entry(audit.Registered)); err != nil {
					b.Fatal(err)
				}
			}
			for range b.N {
				k := apikey.Key{
					ID: apikey.NewID(), Label: "ci-pipeline", Owner: people[1].ID, OwnerEmail: people[1].Email, Project: user.DefaultProject(people[1].ID),
					Scopes: []string{"read:stats"}, Hash: "1:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", Generation: 1, CreatedAt: now,
				}
				if err := s.CreateKey(ctx, k, entry(audit.Created)); err != nil {
					b.Fatal(err)
				}
			}
			time.Sleep(time.Second) // the index
			b.ResetTimer()
			if err := do(people[0], people[1], people[2]); err != nil {
				b.Fatal(err)
			}
		})
	}
}
