package store_test

import (
	"fmt"
	"maps"
	mathrand "math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// summed are the sums of projects, or of the deployment, on the days around now, by what names them.
func summed(t *testing.T, s *store.Store, projects ...string) map[string]int64 {
	t.Helper()
	found := map[string]int64{}
	reading := s.ReadUsage(1<<30, now, func(sum store.Sum) {
		found[strings.Join([]string{sum.Hour.Format("02T15"), sum.Outcome, sum.Project + sum.Key, sum.Customer, sum.Route}, " ")] += sum.Count
	})
	if err := reading.Of(ctx, store.Sums{From: now.Add(-48 * time.Hour).Truncate(time.Hour), To: now.Add(48 * time.Hour).Truncate(time.Hour), Projects: projects}); err != nil {
		t.Fatal(err)
	}
	if !reading.Until().IsZero() {
		t.Errorf("it read until %v only", reading.Until())
	}
	return found
}

func wantSums(t *testing.T, got, want map[string]int64) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("the sums are %v\nwant %v", got, want)
	}
}

// totalOf is the sum of sums.
func totalOf(sums map[string]int64) (n int64) {
	for _, one := range sums {
		n += one
	}
	return n
}

func TestEachHourKeyRouteAndOutcomeHasASum(t *testing.T) {
	s, p := storetest.New(t), newPrinter()
	k := apikey.Key{ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A"}
	other := apikey.Key{ID: apikey.NewID(), Owner: "usr_A", Project: "prj_A", Customer: "cus_A"}
	midnight := now.Truncate(24 * time.Hour).Add(24 * time.Hour)
	allowed := func(change func(*audit.Use)) audit.Use {
		return p.use(k, func(u *audit.Use) {
			u.Outcome = "allowed"
			if change != nil {
				change(u)
			}
		})
	}
	count(t, s,
		allowed(nil), allowed(nil), allowed(func(u *audit.Use) { u.Address, u.API = "192.0.2.8", "x/y" }), // one sum
		allowed(func(u *audit.Use) { u.Route = "POST /api/stats" }),
		allowed(func(u *audit.Use) { u.Refused, u.Outcome = true, "INSUFFICIENT_SCOPE" }),
		allowed(func(u *audit.Use) { u.Refused, u.Outcome, u.Proven = true, "API_KEY_INVALID", false }),
		allowed(func(u *audit.Use) { u.At = midnight.Add(-time.Millisecond) }),
		allowed(func(u *audit.Use) { u.At = midnight }),
		allowed(func(u *audit.Use) { u.KeyID, u.Customer = other.ID, "" }), // the line of a release that did not say it
		allowed(func(u *audit.Use) { u.KeyID, u.Customer = other.ID, other.Customer }),
		allowed(func(u *audit.Use) { u.Project = "prj_B" }))
	h := now.Format("02T15")
	wantSums(t, summed(t, s, "prj_A"), map[string]int64{
		h + " allowed " + k.ID + "  GET /api/stats":                                        3,
		h + " allowed " + k.ID + "  POST /api/stats":                                       1,
		h + " INSUFFICIENT_SCOPE " + k.ID + "  GET /api/stats":                             1,
		h + " API_KEY_INVALID " + k.ID + "  ":                                              1,
		midnight.Add(-time.Hour).Format("02T15") + " allowed " + k.ID + "  GET /api/stats": 1,
		midnight.Format("02T15") + " allowed " + k.ID + "  GET /api/stats":                 1,
		h + " allowed " + other.ID + " cus_A GET /api/stats":                               2,
	})
	wantSums(t, summed(t, s), map[string]int64{
		h + " allowed prj_A  ":                                        6,
		h + " allowed prj_B  ":                                        1,
		h + " INSUFFICIENT_SCOPE prj_A  ":                             1,
		h + " API_KEY_INVALID prj_A  ":                                1,
		midnight.Add(-time.Hour).Format("02T15") + " allowed prj_A  ": 1,
		midnight.Format("02T15") + " allowed prj_A  ":                 1,
	})
}

// Deliveries of many processes and keys come at once, each twice, split and in any order, and calls fail.
func TestUseIsInTheSumsOnceWhateverHappensToItsDeliveries(t *testing.T) {
	s, wire := storetest.Wired(t)
	const processes, each = 10, 60
	keys := []apikey.Key{{ID: apikey.NewID(), Project: "prj_A"}, {ID: apikey.NewID(), Project: "prj_A"}, {ID: apikey.NewID(), Project: "prj_B"}}
	var faults []storetest.Fault
	for i := range 200 {
		faults = append(faults, nil)
		if i%7 == 0 {
			faults[i] = storetest.Lost
		}
	}
	wire.Fail(faults...)
	var everybody sync.WaitGroup
	for range processes {
		p := newPrinter()
		var uses []audit.Use
		for i := range each {
			uses = append(uses, p.use(keys[i%3], func(u *audit.Use) { u.Outcome, u.Route = "allowed", fmt.Sprint("GET /", i%4) }))
		}
		for range 2 {
			rest := append([]audit.Use{}, uses...)
			mathrand.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
			everybody.Go(func() {
				for len(rest) > 0 {
					n := min(1+mathrand.IntN(20), len(rest))
					if _, err := s.CountUses(ctx, rest[:n], time.Hour, now.Add(time.Hour)); err != nil {
						t.Error(err)
					}
					rest = rest[n:]
				}
			})
		}
	}
	everybody.Wait()
	wire.Fail()
	expect.Same(t, "uses in project A", totalOf(summed(t, s, "prj_A")), int64(processes*each/3*2))
	expect.Same(t, "uses in project B", totalOf(summed(t, s, "prj_B")), int64(processes*each/3))
	expect.Same(t, "uses in both", totalOf(summed(t, s, "prj_A", "prj_B")), int64(processes*each))
	expect.Same(t, "uses in the deployment", totalOf(summed(t, s)), int64(processes*each))
	for _, k := range keys {
		n := 0
		for _, e := range entriesOf(t, s, k.ID) {
			n += e.Count
		}
		expect.Same(t, "uses in the log of a key", n, processes*each/3)
	}
}

// A release before there were sums counts beside this one during an upgrade. What it has counted is in the
// entries, and a replay of the log brings it into the sums.
func TestUseThatAnOlderReleaseCountedIsAddedToTheSumsWhenItComesAgain(t *testing.T) {
	cfg, table := storetest.Table(t)
	s, db := store.New(cfg, table), dynamodb.NewFromConfig(cfg)
	k := newKey(t, s, nil)
	uses := newPrinter().uses(k, 9)
	for i := range uses {
		uses[i].Outcome = "allowed"
	}
	count(t, s, uses[:3]...)
	_, err := db.UpdateItem(ctx, &dynamodb.UpdateItemInput{ // as the older one does, with the entry, for the next three
		TableName: &table, Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "COUNTED#" + uses[0].Process}, "sk": &types.AttributeValueMemberS{Value: "COUNTED"},
		},
		UpdateExpression: aws.String("SET numbers = :now, expires_at = :forget"), ConditionExpression: aws.String("numbers = :was"),
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":now": &types.AttributeValueMemberS{Value: "1-6"}, ":was": &types.AttributeValueMemberS{Value: "1-3"},
			":forget": &types.AttributeValueMemberN{Value: fmt.Sprint(now.Add(time.Hour).Unix())},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "of the next", count(t, s, uses[6:]...), 3)
	expect.Same(t, "in the sums before the replay", totalOf(summed(t, s, k.Project)), int64(6))
	expect.Same(t, "of all again", count(t, s, uses...), 3)
	expect.Same(t, "and again", count(t, s, uses...), 0)
	expect.Same(t, "in the sums after the replay", totalOf(summed(t, s, k.Project)), int64(9))
	wantUses(t, s, k.ID, 6, 2) // the older one's entry is not written here: nothing was added to it twice
}

func TestReadingEndsAtADayIfThereIsTooMuchAndGoesOnFromThere(t *testing.T) {
	t.Parallel()
	s := storetest.New(t)
	const days, routes = 4, 60
	route := strings.Repeat("x", 10_000) // 600 KB a day
	for day := range days {
		p := &printer{process: "one"}
		p.n = int64(day * routes)
		var uses []audit.Use
		for i := range routes {
			uses = append(uses, p.use(apikey.Key{ID: "0123456789abcdef", Project: "prj_A"}, func(u *audit.Use) {
				u.Outcome, u.Route, u.At = "allowed", fmt.Sprint(i, route), now.Add(time.Duration(day)*24*time.Hour)
			}))
		}
		count(t, s, uses...)
	}
	from, to := now.Truncate(24*time.Hour), now.Truncate(24*time.Hour).AddDate(0, 0, days)
	total, parts := int64(0), 0
	for begin := from; ; parts++ {
		perDay := map[time.Time]int64{}
		reading := s.ReadUsage(700_000, now, func(sum store.Sum) { perDay[sum.Hour.Truncate(24*time.Hour)] += sum.Count })
		if err := reading.Of(ctx, store.Sums{From: begin, To: to, Projects: []string{"prj_A"}}); err != nil {
			t.Fatal(err)
		}
		until := reading.Until()
		for day, n := range perDay {
			if until.IsZero() || day.Before(until) {
				expect.Same(t, fmt.Sprint("the uses of ", day), n, int64(routes))
				total += n
			}
		}
		if until.IsZero() {
			break
		}
		if !until.After(begin) || parts > days {
			t.Fatalf("reading from %v ends at %v", begin, until)
		}
		begin = until
	}
	expect.Same(t, "the uses of all parts", total, int64(days*routes))
	expect.Same(t, "it took several", parts > 0, true)
}

func TestSumIsNotReadAfterItsTime(t *testing.T) {
	s, p := storetest.New(t), newPrinter()
	k := apikey.Key{ID: apikey.NewID(), Project: "prj_A"}
	count(t, s, p.use(k, func(u *audit.Use) { u.Outcome, u.At = "allowed", now.Add(-25*time.Hour) }), // kept for an hour after its day
		p.use(k, func(u *audit.Use) { u.Outcome = "allowed" }))
	expect.Same(t, "uses", totalOf(summed(t, s, "prj_A")), int64(1))
}
