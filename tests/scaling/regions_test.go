package main

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

// A region is a replica of a global table with eventual consistency: a table of its own, and copies of items
// that come later. Of two versions of an item the one that was written last is kept, whole, in all regions.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
type region struct {
	t     *testing.T
	store *store.Store
	table string
}

func newRegion(t *testing.T) region {
	cfg, table := storetest.Table(t)
	return region{t, store.New(cfg, table), table}
}

// replicate brings the key's item to another region, where it was written before.
func (r region) replicate(k apikey.Key, to region) {
	r.t.Helper()
	db := dynamodb.NewFromConfig(awsenv.Config("DYNAMODB"))
	_, err := db.PutItem(r.t.Context(), &dynamodb.PutItemInput{TableName: &to.table, Item: query(r.t, db, r.table, "KEY#"+k.ID, "KEY")})
	must(r.t, err)
}

func (r region) check(k apikey.Key, limit *ratelimit.Limit, now time.Time) error {
	_, _, err := r.store.CheckKey(r.t.Context(), k.ID, []string{k.Hash}, limit, now)
	return err
}

func twoRegions(t *testing.T, now time.Time) (here, there region, k apikey.Key) {
	here, there = newRegion(t), newRegion(t)
	k = apikey.Key{ID: apikey.NewID(), Owner: owner, Project: "prj_A", Hash: "1:hash", Generation: 1, CreatedAt: now}
	must(t, here.store.CreateKey(t.Context(), k, audit.New(audit.Created, audit.Source{Now: now}, year)))
	here.replicate(k, there)
	return here, there, k
}

// These two keep docs/scaling.md true about why a global table is not supported.

func TestInAGlobalTableALimitedCheckElsewhereUndoesARevocation(t *testing.T) {
	now := time.Now()
	limit := &ratelimit.Limit{Category: ratelimit.Read, Max: 100, Window: time.Minute}
	for _, row := range []struct {
		name  string
		limit *ratelimit.Limit
		lost  bool
	}{{"unlimited", nil, false}, {"limited", limit, true}} {
		t.Run(row.name, func(t *testing.T) {
			here, there, k := twoRegions(t, now)
			_, err := here.store.RevokeKey(t.Context(), k, audit.New(audit.Revoked, audit.Source{Now: now}, year))
			must(t, err)
			if err := there.check(k, row.limit, now); err != nil {
				t.Errorf("before the revocation arrives, the other region answers %v", err)
			}
			if row.limit == nil {
				here.replicate(k, there) // the only write
			} else {
				there.replicate(k, here) // the later write
			}
			for _, r := range []region{here, there} {
				if err := r.check(k, row.limit, now); errors.Is(err, apikey.ErrRevoked) == row.lost {
					t.Errorf("afterwards a region answers %v; the revocation is lost: want %v", err, row.lost)
				}
			}
		})
	}
}

func TestInAGlobalTableALimitAdmitsMoreThanTheSumOfTheRegions(t *testing.T) {
	now := time.Now()
	here, there, k := twoRegions(t, now)
	limit := &ratelimit.Limit{Category: ratelimit.Read, Max: 5, Window: time.Hour}
	admitted := 0
	for range limit.Max {
		for here.check(k, limit, now) == nil {
			admitted++
		}
		if there.check(k, limit, now) == nil {
			admitted++
		}
		there.replicate(k, here) // the later write, which has counted less
	}
	if sum := 2 * limit.Max; admitted <= sum {
		t.Errorf("two regions admit %d, want more than %d", admitted, sum)
	}
}
