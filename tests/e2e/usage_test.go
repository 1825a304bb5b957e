//go:build e2e

package e2e

import (
	"encoding/csv"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

type usageRow struct {
	Start    string
	Group    *string
	Requests int64
	Refusals int64
}

type usageAnswer struct {
	Usage  []usageRow
	Total  struct{ Requests, Refusals int64 }
	Groups []struct {
		Group      *string
		Name       string
		ExternalID string `json:"external_id"`
	}
	Next *string `json:"next_cursor"`
}

// of returns requests and refusals by group, summed over the periods.
func (u usageAnswer) of() map[string][2]int64 {
	sums := map[string][2]int64{}
	for _, row := range u.Usage {
		group := ""
		if row.Group != nil {
			group = *row.Group
		}
		sums[group] = [2]int64{sums[group][0] + row.Requests, sums[group][1] + row.Refusals}
	}
	return sums
}

// asked is the time that the tests ask for: from yesterday to tomorrow, in case a day ends meanwhile.
func asked() url.Values {
	today := time.Now().UTC().Truncate(24 * time.Hour)
	return url.Values{"from": {today.AddDate(0, 0, -1).Format(time.DateOnly)}, "to": {today.AddDate(0, 0, 2).Format(time.DateOnly)}}
}

func usageOf(t testing.TB, as string, parameters ...string) usageAnswer {
	t.Helper()
	query := asked()
	for i := 0; i+1 < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	return decode[usageAnswer](t, get(t, as, "/v1/usage?"+query.Encode()).is(t, 200))
}

// usageAsCSV reads the rows of the CSV, by the group in the second column, and with the sums in the last two.
func usageAsCSV(t testing.TB, as string, parameters ...string) map[string][2]int64 {
	t.Helper()
	query := asked()
	for i := 0; i+1 < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	a := send(t, request{method: "GET", path: "/v1/usage?" + query.Encode(), as: as, header: map[string]string{"Accept": "text/csv"}}).is(t, 200)
	if kind := a.header.Get("Content-Type"); !strings.HasPrefix(kind, "text/csv") {
		t.Fatalf("the type is %s", kind)
	}
	lines, err := csv.NewReader(strings.NewReader(string(a.body))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string][2]int64{}
	for _, line := range lines[1:] {
		requests, _ := strconv.ParseInt(line[len(line)-2], 10, 64)
		refusals, _ := strconv.ParseInt(line[len(line)-1], 10, 64)
		group := ""
		if len(line) > 3 {
			group = line[1]
		}
		sums[group] = [2]int64{sums[group][0] + requests, sums[group][1] + refusals}
	}
	return sums
}

// awaitUsage waits until the sums are right, a minute at most. Sums that are too large never get right.
func awaitUsage(t testing.TB, as string, want map[string][2]int64, parameters ...string) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(500 * time.Millisecond) {
		got := usageOf(t, as, parameters...).of()
		if maps.Equal(got, want) {
			return
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("after a minute usage by %v is %v, want %v", parameters, got, want)
		}
	}
}

// A mix is what callers sent with keys of a project and of its customer, on several routes, with several outcomes.
type mix struct {
	project, customer string
	byKey             map[string][2]int64
	byCustomer        map[string][2]int64
	byRoute           map[string][2]int64
	byOutcome         map[string][2]int64
	total             [2]int64
}

func (l *mix) used(key, customer, route, outcome string) {
	refused := int64(0)
	if outcome != "allowed" {
		refused = 1
	}
	for _, to := range []struct {
		sums map[string][2]int64
		at   string
	}{{l.byKey, key}, {l.byCustomer, customer}, {l.byRoute, route}, {l.byOutcome, outcome}} {
		to.sums[to.at] = [2]int64{to.sums[to.at][0] + 1, to.sums[to.at][1] + refused}
	}
	l.total = [2]int64{l.total[0] + 1, l.total[1] + refused}
}

func play(t *testing.T, p person, requests int) *mix {
	t.Helper()
	c := newCustomer(t, p.token, nil)
	l := &mix{
		project: c.ProjectID, customer: c.ID, byKey: map[string][2]int64{}, byCustomer: map[string][2]int64{},
		byRoute: map[string][2]int64{}, byOutcome: map[string][2]int64{},
	}
	type caller struct {
		key      key
		customer string
	}
	callers := []caller{{newKey(t, p.token, object{"scopes": []string{"read:stats", "read:events"}}), ""}, {newKey(t, p.token, object{"scopes": []string{"read:stats"}}), ""}}
	for range 2 {
		callers = append(callers, caller{newKey(t, p.token, object{"customer_id": c.ID, "scopes": []string{"read:stats", "read:events"}}), c.ID})
	}
	kinds := []struct {
		method, path, route, outcome string
		status                       int
	}{
		{"GET", me, "GET " + me, "allowed", 200},
		{"GET", "/v1/runs", "GET /v1/runs", "allowed", 200},
		{"POST", "/v1/keys/verify", "POST /v1/keys/verify", "INSUFFICIENT_SCOPE", 403},
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	turn := make(chan struct{}, 8)
	for range requests {
		who, kind := callers[rand.IntN(len(callers))], kinds[rand.IntN(len(kinds))]
		if kind.path == "/v1/runs" && who.key.ID == callers[1].key.ID { // it has no such scope
			kind = kinds[0]
		}
		all.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			a, err := try(t, client, request{method: kind.method, path: kind.path, as: who.key.Key})
			if err != nil || a.status != kind.status {
				t.Errorf("%s %s: %d %v", kind.method, kind.path, a.status, err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			l.used(who.key.ID, who.customer, kind.route, kind.outcome)
		})
	}
	all.Wait()
	return l
}

func TestUsageIsWhatWasSentInEachGroupAndForm(t *testing.T) {
	p := member(t)
	l := play(t, p, 150)
	awaitUsage(t, p.token, map[string][2]int64{"": l.total})
	for group, want := range map[string]map[string][2]int64{
		"": {"": l.total}, "key": l.byKey, "customer": l.byCustomer, "route": l.byRoute, "outcome": l.byOutcome,
	} {
		for _, by := range []string{"hour", "day"} {
			u := usageOf(t, p.token, "by", by, "group", group)
			expect.Same(t, fmt.Sprintf("by %s and %s: the total", by, group), [2]int64{u.Total.Requests, u.Total.Refusals}, l.total)
			if got := u.of(); !maps.Equal(got, want) {
				t.Errorf("by %s and %s: %v, want %v", by, group, got, want)
			}
			if got := usageAsCSV(t, p.token, "by", by, "group", group); !maps.Equal(got, want) {
				t.Errorf("CSV by %s and %s: %v, want %v", by, group, got, want)
			}
		}
	}
	for id, want := range l.byKey {
		expect.Same(t, "the usage of a key", usageOf(t, p.token, "key_id", id).of()[""], want)
	}
	expect.Same(t, "the customer's usage", usageOf(t, p.token, "customer_id", l.customer).of()[""], l.byCustomer[l.customer])
	expect.Same(t, "the usage of a route", usageOf(t, p.token, "route", "GET "+me).of()[""], l.byRoute["GET "+me])
	expect.Same(t, "the usage of an outcome", usageOf(t, p.token, "outcome", "allowed").of()[""], l.byOutcome["allowed"])

	all := usageOf(t, admin(t).token, "project_id", "*", "group", "project")
	expect.Same(t, "the project's share of the deployment", all.of()[l.project], l.total)
	byKey := usageOf(t, admin(t).token, "project_id", "*", "group", "key").of()
	for id, want := range l.byKey {
		expect.Same(t, "the usage of a key in the deployment's", byKey[id], want)
	}
}

func TestUsageOfOthersIsNotThere(t *testing.T) {
	p, stranger := member(t), member(t)
	c := newCustomer(t, p.token, nil)
	k := newKey(t, p.token, object{"scopes": []string{"read:usage"}})
	acmes := newKey(t, p.token, object{"customer_id": c.ID, "scopes": []string{"read:usage"}})
	admins := newKey(t, stranger.token, object{"scopes": []string{"read:usage"}})
	get(t, k.Key, "/v1/usage").is(t, 200)
	get(t, acmes.Key, "/v1/usage?customer_id="+c.ID).is(t, 200)
	get(t, acmes.Key, "/v1/usage?key_id="+k.ID).refused(t, 404, "RESOURCE_NOT_FOUND")
	get(t, newKey(t, p.token, object{"scopes": []string{"read:stats"}}).Key, "/v1/usage").refused(t, 403, "INSUFFICIENT_SCOPE")
	for _, as := range []string{stranger.token, admins.Key} {
		for _, parameter := range []string{"project_id=" + c.ProjectID, "customer_id=" + c.ID, "key_id=" + k.ID, "project_id=*"} {
			get(t, as, "/v1/usage?"+parameter).refused(t, 404, "RESOURCE_NOT_FOUND")
		}
	}
	get(t, p.token, "/v1/usage?from=2030-01-01T00:30:00Z").refused(t, 400, "INVALID_PARAMETER")
}

// Processes that check keys and processes that count are killed while keys are used, and the log is then replayed:
// the sums say what the logs of the keys say, which TestUsesAreCountedToTheLastThoughProcessesDie compares.
func TestSumsAreWhatTheLogsSayThoughProcessesDie(t *testing.T) {
	needs(t, theProcesses)
	p := member(t)
	k := newKey(t, p.token, nil)
	end := time.Now().Add(8 * time.Second)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			for time.Now().Before(end) {
				_, _ = try(t, client, request{method: "GET", path: me, as: k.Key}) // whose process dies has no good answer
			}
		})
	}
	killed := killAtRandom(t, end, "AuthorizerFunction", "UsesCountFunction")
	all.Wait()
	if killed < 8 {
		t.Fatalf("only %d processes were killed: this run proves nothing", killed)
	}
	made := linesOf(t, k.ID)
	awaitUses(t, p.token, k.ID, uses{"GET " + me: {made, 0}})
	awaitUsage(t, p.token, map[string][2]int64{"GET " + me: {int64(made), 0}}, "group", "route")
}
