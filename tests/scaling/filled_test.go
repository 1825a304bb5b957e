package main

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

const (
	owner = "usr_A"
	year  = 365 * 24 * time.Hour
	page  = 100 // the largest
)

// fill makes a table of n items: half are keys of one owner, half are entries of uses in the log of the key
// that it returns. The store writes the first of each; the others are its copies with other ids.
func fill(t testing.TB, table string, n int) apikey.Key {
	t.Helper()
	cfg := awsenv.Config("DYNAMODB")
	s, db, now := store.New(cfg, table), dynamodb.NewFromConfig(cfg), time.Now()
	k := apikey.Key{
		ID: apikey.NewID(), Owner: owner, OwnerEmail: "a@example.com", Project: "prj_A", Type: apikey.Scoped, Label: "One of many",
		Scopes: []string{"read:campaigns", "write:campaigns", "read:stats"}, Generation: 1, CreatedAt: now,
	}
	k.Hash = parsed(t).MAC(apikey.New("gf_", k.ID))
	must(t, s.CreateKey(t.Context(), k, audit.New(audit.Created, audit.Source{Actor: audit.Actor{Type: "user", ID: owner}, Address: "192.0.2.7", Now: now}, year)))
	use := audit.Use{
		Process: "A", Number: 1, KeyID: k.ID, Owner: owner, Project: k.Project, Proven: true, API: "abcdef1234/prod", Address: "192.0.2.7",
		Route: "GET /api/campaigns", UserAgent: "curl/8.5.0", RequestID: "d0e3c1f6-4b1d-4f52-9c56-6a3f0f3d9a11", At: now,
	}
	_, err := s.CountUses(t.Context(), []audit.Use{use}, year, now.Add(year))
	must(t, err)
	key, entry := query(t, db, table, "KEY#"+k.ID, "KEY"), query(t, db, table, "USES#"+k.ID, "USE#")
	write(t, db, table, n/2-1, func(i int) []item {
		at := now.Add(-time.Duration(i) * time.Minute).UTC()
		id := fmt.Sprintf("%016d", i)
		return []item{
			with(key, "pk", "KEY#"+id, "id", id, "created_at", at.Format(time.RFC3339Nano), "by_owner_sk", at.Format("2006-01-02T15:04:05.000000000Z")+"#"+id),
			with(entry, "sk", "USE#"+ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String()),
		}
	})
	return k
}

// A question is what is asked of a filled table.
type question struct {
	name string
	ask  func(context.Context, *store.Store, apikey.Key) error
}

var questions = []question{
	{"check, unlimited", check(nil)},
	{"check, limited", check(&ratelimit.Limit{Category: ratelimit.Read, Max: 1 << 30, Window: time.Minute})},
	{"page of keys", func(ctx context.Context, s *store.Store, _ apikey.Key) error {
		list, _, err := s.Keys(ctx, owner, store.Page{Limit: page})
		return whole(len(list), err)
	}},
	{"page of audit", func(ctx context.Context, s *store.Store, k apikey.Key) error {
		list, _, err := s.AuditLog(ctx, k.ID, store.Page{Limit: page}, time.Now())
		return whole(len(list), err)
	}},
}

func check(limit *ratelimit.Limit) func(context.Context, *store.Store, apikey.Key) error {
	return func(ctx context.Context, s *store.Store, k apikey.Key) error {
		_, _, err := s.CheckKey(ctx, k.ID, []string{k.Hash}, limit, time.Now())
		return err
	}
}

func whole(n int, err error) error {
	if err == nil && n != page {
		return fmt.Errorf("a page has %d items, want %d", n, page)
	}
	return err
}

type item = map[string]types.AttributeValue

// with is a copy of an item with other texts: name, value, name, value…
func with(it item, texts ...string) item {
	out := maps.Clone(it)
	for i := 0; i < len(texts); i += 2 {
		out[texts[i]] = &types.AttributeValueMemberS{Value: texts[i+1]}
	}
	return out
}

// query reads the first item of a partition whose sk begins so.
func query(t testing.TB, db *dynamodb.Client, table, pk, sk string) item {
	t.Helper()
	out, err := db.Query(t.Context(), &dynamodb.QueryInput{
		TableName: &table, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :sk)"),
		ExpressionAttributeValues: with(item{}, ":pk", pk, ":sk", sk),
	})
	must(t, err)
	if len(out.Items) != 1 {
		t.Fatalf("%s has %d items %s, want 1", pk, len(out.Items), sk)
	}
	return out.Items[0]
}

// write writes the items of 1 to n, 25 in a call, several calls at once.
func write(t testing.TB, db *dynamodb.Client, table string, n int, of func(int) []item) {
	t.Helper()
	work := make(chan []types.WriteRequest)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for requests := range work {
				for left := map[string][]types.WriteRequest{table: requests}; len(left) > 0; {
					out, err := db.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: left})
					if err != nil {
						t.Error(err)
						break
					}
					left = out.UnprocessedItems
				}
			}
		})
	}
	var requests []types.WriteRequest
	for i := 1; i <= n; i++ {
		for _, it := range of(i) {
			requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
		}
		if len(requests) >= 24 || i == n {
			work <- requests
			requests = nil
		}
	}
	close(work)
	all.Wait()
}
