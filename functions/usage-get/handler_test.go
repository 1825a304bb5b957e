package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/report"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

const (
	ada   = "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"
	berta = "usr_BBBBBBBBBBBBBBBBBBBBBBBBBB"
)

// midnight is that of a day about a week ago.
var midnight = time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -7)

// A world has the projects of two users, Ada's with a customer, and keys of both.
type world struct {
	t        *testing.T
	store    *store.Store
	customer customer.Customer
	own      apikey.Key // Ada's
	acmes    apikey.Key // hers too, for the customer
	foreign  apikey.Key // Berta's
	bytes    int
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, store: storetest.New(t), bytes: mostBytes}
	w.customer = storetest.Customer(t, w.store, ada, func(c *customer.Customer) { c.Name = "Acme Ltd." })
	if err := w.store.CreateProject(t.Context(), project.Default(user.User{ID: berta, CreatedAt: time.Now()})); err != nil {
		t.Fatal(err)
	}
	w.own, w.acmes, w.foreign = w.key(ada, "CI", ""), w.key(ada, "=acme", w.customer.ID), w.key(berta, "other", "")
	return w
}

func (w *world) key(owner, label, customer string) apikey.Key {
	w.t.Helper()
	k := apikey.Key{
		ID: apikey.NewID(), Type: apikey.Scoped, Label: label, Owner: owner, Project: user.DefaultProject(owner),
		Customer: customer, Hash: "1:hash", Generation: 1, CreatedAt: time.Now(),
	}
	if err := w.store.CreateKey(context.Background(), k, storetest.Entry(audit.Created)); err != nil {
		w.t.Fatal(err)
	}
	return k
}

// used counts uses of a key at a time after midnight.
func (w *world) used(k apikey.Key, after time.Duration, route, outcome string, n int) {
	w.t.Helper()
	var uses []audit.Use
	process := rand.Text()
	for i := range n {
		uses = append(uses, audit.Use{
			Process: process, Number: int64(i + 1), KeyID: k.ID, Owner: k.Owner, Project: k.Project, Customer: k.Customer,
			Proven: outcome != "API_KEY_INVALID", Refused: outcome != audit.Allowed, Outcome: outcome,
			API: "abc/prod", Address: "192.0.2.7", Route: route, UserAgent: "test", RequestID: "r", At: midnight.Add(after),
		})
	}
	if _, err := w.store.CountUses(w.t.Context(), uses, 24*time.Hour*400, time.Now().Add(time.Hour)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) do(as map[string]any, parameters string, header ...string) gatewaytest.Answer {
	w.t.Helper()
	c := gatewaytest.Call{Method: "GET", Resource: "/v1/usage", Authorizer: as, Query: map[string]string{
		"from": midnight.Format(time.DateOnly), "to": midnight.AddDate(0, 0, 2).Format(time.DateOnly),
	}, Header: map[string]string{}}
	for one := range strings.FieldsSeq(parameters) {
		name, value, _ := strings.Cut(one, "=")
		c.Query[name] = strings.ReplaceAll(value, "%20", " ")
	}
	for i := 0; i < len(header); i += 2 {
		c.Header[header[i]] = header[i+1]
	}
	return gatewaytest.Do(w.t, gateway.Protected(handler{w.store, w.bytes}.serve), c)
}

// rows are those of an answer, each as "hours after midnight group requests/refusals", or its status.
func (w *world) rows(as map[string]any, parameters string) string {
	w.t.Helper()
	res := w.do(as, parameters)
	if res.Status != 200 {
		return fmt.Sprint(res.Status)
	}
	var a report.Answer
	if err := json.Unmarshal([]byte(res.Body), &a); err != nil {
		w.t.Fatal(err)
	}
	var rows []string
	var sum report.Counts
	for _, row := range a.Usage {
		group := ""
		if a.Group != nil {
			group = w.alias(text(row.Group)) + " "
		}
		rows = append(rows, fmt.Sprintf("%v %s%d/%d", row.Start.Sub(midnight).Hours(), group, row.Requests, row.Refusals))
		sum = sum.Plus(row.Counts)
	}
	expect.Same(w.t, "the total of "+parameters, a.Total, sum)
	text := strings.Join(rows, ", ")
	if a.NextCursor != nil {
		text += " …"
	}
	return text
}

func (w *world) alias(id string) string {
	for name, of := range map[string]string{
		"own": w.own.ID, "acmes": w.acmes.ID, "foreign": w.foreign.ID, "acme": w.customer.ID, "A": w.own.Project, "B": w.foreign.Project, "none": "",
	} {
		if id == of {
			return name
		}
	}
	return id
}

func text(optional *string) string {
	if optional == nil {
		return ""
	}
	return *optional
}

func asUser(id, role string) map[string]any { return gatewaytest.User(id, "a@example.com", role, "") }

func asKey(k apikey.Key, scopes string) map[string]any {
	c := gatewaytest.Key(k.ID, "scoped", k.Owner, k.Project, scopes)
	if k.Customer != "" {
		c[gateway.CtxCustomer] = k.Customer
	}
	return c
}

func (w *world) fill() {
	w.used(w.own, time.Hour-time.Millisecond, "GET /a", audit.Allowed, 3)
	w.used(w.own, time.Hour, "GET /a", audit.Allowed, 2)
	w.used(w.own, time.Hour, "GET /b", "INSUFFICIENT_SCOPE", 1)
	w.used(w.acmes, 25*time.Hour, "GET /b", audit.Allowed, 4)
	w.used(w.acmes, 25*time.Hour, "GET /b", "API_KEY_INVALID", 5)
	w.used(w.foreign, 24*time.Hour-time.Nanosecond, "GET /a", audit.Allowed, 7)
	w.used(w.own, -time.Nanosecond, "GET /a", audit.Allowed, 100)   // before
	w.used(w.own, 48*time.Hour, "GET /a", audit.Allowed, 100)       // after
	w.used(w.foreign, 48*time.Hour, "GET /a", audit.Allowed, 1_000) // likewise
}

func TestUsageIsSummedByPeriodAndGroup(t *testing.T) {
	w := newWorld(t)
	w.fill()
	for parameters, want := range map[string]string{
		"":                               "0 6/1, 24 9/5",
		"by=day":                         "0 6/1, 24 9/5",
		"by=hour":                        "0 3/0, 1 3/1, 25 9/5",
		"by=hour group=key":              "0 own 3/0, 1 own 3/1, 25 acmes 9/5",
		"group=customer":                 "0 none 6/1, 24 acme 9/5",
		"group=route":                    "0 GET /a 5/0, 0 GET /b 1/1, 24 none 5/5, 24 GET /b 4/0",
		"group=outcome":                  "0 INSUFFICIENT_SCOPE 1/1, 0 allowed 5/0, 24 API_KEY_INVALID 5/5, 24 allowed 4/0",
		"outcome=allowed":                "0 5/0, 24 4/0",
		"route=GET%20/b":                 "0 1/1, 24 4/0",
		"route=GET%20/b outcome=allowed": "24 4/0",
		"by=hour from=" + midnight.Add(time.Hour).Format(time.RFC3339):  "1 3/1, 25 9/5",
		"by=hour to=" + midnight.Add(25*time.Hour).Format(time.RFC3339): "0 3/0, 1 3/1",
		"key_id=" + w.acmes.ID:                     "24 9/5",
		"customer_id=" + w.customer.ID:             "24 9/5",
		"key_id=" + w.own.ID + " group=route":      "0 GET /a 5/0, 0 GET /b 1/1",
		"project_id=" + w.own.Project + " by=hour": "0 3/0, 1 3/1, 25 9/5",
	} {
		expect.Same(t, parameters, w.rows(asUser(ada, user.Member), parameters), want)
	}
}

func TestNobodyLearnsWhatOthersUsed(t *testing.T) {
	w := newWorld(t)
	w.fill()
	other := customer.New(w.own.Project, "other", time.Now())
	in, err := w.store.Project(t.Context(), w.own.Project)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.CreateCustomer(t.Context(), in, other, storetest.Entry(audit.Created)); err != nil {
		t.Fatal(err)
	}
	theirs := w.key(ada, "theirs", other.ID)
	keys, customers, projects := "key_id="+w.own.ID, "customer_id="+w.customer.ID, "project_id="+w.own.Project
	const ofProject, ofCustomer, all = "0 6/1, 24 9/5", "24 9/5", "0 13/1, 24 9/5"
	for _, row := range []struct {
		who                 string
		as                  map[string]any
		parameters, answers string
	}{
		{"the owner", asUser(ada, user.Member), "", ofProject},
		{"a stranger", asUser(berta, user.Member), "", "0 7/0"},
		{"a stranger", asUser(berta, user.Member), projects, "404"},
		{"a stranger", asUser(berta, user.Member), keys, "404"},
		{"a stranger", asUser(berta, user.Member), customers, "404"},
		{"a member", asUser(ada, user.Member), "project_id=*", "404"},
		{"a member", asUser(ada, user.Member), keys + " project_id=" + w.foreign.Project, "404"},
		{"a member", asUser(ada, user.Member), "key_id=" + w.foreign.ID + " " + customers, "404"},
		{"a member", asUser(ada, user.Member), "key_id=0000000000000000", "404"},
		{"a member", asUser(ada, user.Member), "key_id=x", "404"},
		{"a member", asUser(ada, user.Member), "customer_id=x", "404"},
		{"a member", asUser(ada, user.Member), "project_id=x", "404"},
		{"an administrator", asUser(berta, user.Admin), "project_id=*", all},
		{"an administrator", asUser(berta, user.Admin), projects, ofProject},
		{"an administrator", asUser(berta, user.Admin), keys, "0 6/1"},
		{"an administrator", asUser(berta, user.Admin), customers, ofCustomer},
		{"an administrator", asUser(berta, user.Admin), "project_id=* " + keys, "404"},
		{"a key", asKey(w.own, "read:usage"), "", ofProject},
		{"a key", asKey(w.own, "admin"), "project_id=*", "404"},
		{"a key", asKey(w.own, "admin"), "project_id=" + w.foreign.Project, "404"},
		{"a key", asKey(w.own, "admin"), "key_id=" + w.foreign.ID, "404"},
		{"a key", asKey(w.own, "read:usage"), customers, ofCustomer},
		{"a key of another project", asKey(w.foreign, "admin"), keys, "404"},
		{"a key of another project", asKey(w.foreign, "admin"), customers, "404"},
		{"a customer's key", asKey(w.acmes, "read:usage"), "", ofCustomer},
		{"a customer's key", asKey(w.acmes, "admin"), projects, ofCustomer},
		{"a customer's key", asKey(w.acmes, "read:usage"), "key_id=" + w.acmes.ID, ofCustomer},
		{"a customer's key", asKey(w.acmes, "read:usage"), keys, "404"},
		{"a customer's key", asKey(w.acmes, "read:usage"), "key_id=" + theirs.ID, "404"},
		{"a customer's key", asKey(w.acmes, "admin"), "customer_id=" + other.ID, "404"},
		{"a customer's key", asKey(w.acmes, "admin"), "project_id=*", "404"},
		{"another customer's key", asKey(theirs, "read:usage"), "", ""},
	} {
		expect.Same(t, row.who+", "+row.parameters, w.rows(row.as, row.parameters), row.answers)
	}
	if body := w.do(asKey(w.acmes, "read:usage"), "group=key").Body; strings.Contains(body, "=acme") {
		t.Errorf("a customer's key learns what keys are called: %s", body)
	}
}

func TestAdministratorSeesTheDeploymentInEachGroup(t *testing.T) {
	w := newWorld(t)
	w.fill()
	as := asUser(berta, user.Admin)
	for parameters, want := range map[string]string{
		"group=project":                 "0 A 6/1, 0 B 7/0, 24 A 9/5",
		"group=outcome outcome=allowed": "0 allowed 12/0, 24 allowed 4/0",
		"group=customer":                "0 none 13/1, 24 acme 9/5",
		"group=route by=hour":           "0 GET /a 3/0, 1 GET /a 2/0, 1 GET /b 1/1, 23 GET /a 7/0, 25 none 5/5, 25 GET /b 4/0",
		"route=GET%20/b":                "0 1/1, 24 4/0",
		"by=hour":                       "0 3/0, 1 3/1, 23 7/0, 25 9/5",
	} {
		expect.Same(t, parameters, w.rows(as, "project_id=* "+parameters), want)
	}
	body := w.do(as, "project_id=* group=key").Body
	for _, k := range []apikey.Key{w.own, w.acmes, w.foreign} {
		if !strings.Contains(body, k.ID) {
			t.Errorf("no %s in %s", w.alias(k.ID), body)
		}
	}
	expect.Same(t, "by project without the deployment", w.rows(as, "group=project"), "400")
}

func TestWrongParametersAreNamed(t *testing.T) {
	w := newWorld(t)
	for parameters, says := range map[string]string{
		"by=week":                   "by must be",
		"group=address":             "group must be",
		"from=yesterday":            "from must be a date",
		"to=2030-13-01":             "to must be a date",
		"from=0001-01-01":           "from must be a date",
		"from=2030-01-01T01:00:00Z": "from must be the beginning of the day",
		"by=hour to=" + midnight.Add(time.Second).Format(time.RFC3339): "to must be the beginning of the hour",
		"to=" + midnight.Format(time.DateOnly):                         "from must be before to",
		"by=hour from=2030-01-01 to=2030-02-02":                        "at most 31 days",
		"from=2030-01-01 to=2031-02-06":                                "at most 400 days",
		"limit=0":                                                      "limit must be",
		"limit=10001":                                                  "limit must be",
		"cursor=x":                                                     "cursor does not come",
		"format=xml":                                                   "format must be",
		"group=project":                                                "project_id=*",
		"cursor=" + position{start: midnight.AddDate(0, 0, 2)}.String():              "cursor does not come",
		"cursor=" + position{start: midnight.Add(time.Minute), whole: true}.String(): "cursor does not come",
		"route=" + strings.Repeat("x", 513):                                          "route must have",
	} {
		a := w.do(asUser(ada, user.Member), parameters)
		if a.Status != 400 || !strings.Contains(a.Body, says) {
			t.Errorf("%s: %d %s, want %q", parameters, a.Status, a.Body, says)
		}
	}
	expect.Same(t, "the longest span of hours", w.do(asUser(ada, user.Member), "by=hour from=2030-01-01 to=2030-02-01").Status, 200)
	expect.Same(t, "the longest span of days", w.do(asUser(ada, user.Member), "from=2030-01-01 to=2031-02-05").Status, 200)
	expect.Same(t, "a time of another zone", w.do(asUser(ada, user.Member), "from=2030-01-01T05:30:00+05:30 to=2030-01-02").Status, 200)
}

func TestPagesTogetherHaveEachRowOnce(t *testing.T) {
	w := newWorld(t)
	w.fill()
	for _, group := range []string{"", "group=key", "group=route"} {
		whole := w.rows(asUser(ada, user.Member), "by=hour "+group)
		var pages []string
		cursor := ""
		for range 20 {
			parameters := "limit=1 by=hour " + group
			if cursor != "" {
				parameters += " cursor=" + cursor
			}
			a := w.do(asUser(ada, user.Member), parameters)
			pages = append(pages, strings.TrimSuffix(w.rows(asUser(ada, user.Member), parameters), " …"))
			cursor, _ = a.JSON(t)["next_cursor"].(string)
			expect.Same(t, "the page has a link to the next", a.Header["Link"] != "", cursor != "")
			if cursor == "" {
				break
			}
		}
		expect.Same(t, "the pages of "+group, strings.Join(pages, ", "), whole)
	}
}

func TestWithoutTimesItIsTheLastThirtyDaysOrADay(t *testing.T) {
	w := newWorld(t)
	now := time.Now().UTC()
	for by, want := range map[string]time.Duration{"": 30 * 24 * time.Hour, "hour": 24 * time.Hour} {
		a := w.do(asUser(ada, user.Member), "from= to= by="+by).JSON(t)
		from, _ := time.Parse(time.RFC3339, fmt.Sprint(a["from"]))
		to, _ := time.Parse(time.RFC3339, fmt.Sprint(a["to"]))
		expect.Same(t, "the time asked for by "+by, to.Sub(from), want)
		expect.Same(t, "it includes this moment", !now.Before(from) && !to.Before(now), true)
	}
}

func TestCSVHasTheRowsOfTheJSONAndNoFormula(t *testing.T) {
	w := newWorld(t)
	w.fill()
	w.used(w.acmes, 30*time.Hour, `@SUM(A1),"x"`, audit.Allowed, 1)
	as, day, next := asUser(ada, user.Member), midnight.Format(time.RFC3339), midnight.AddDate(0, 0, 1).Format(time.RFC3339)
	for parameters, want := range map[string]string{
		"":               "start,requests,refusals\r\n" + day + ",6,1\r\n" + next + ",10,5\r\n",
		"group=key":      "start,key_id,name,requests,refusals\r\n" + day + "," + w.own.ID + ",CI,6,1\r\n" + next + "," + w.acmes.ID + ",'=acme,10,5\r\n",
		"group=customer": "start,customer_id,name,external_id,requests,refusals\r\n" + day + ",,,,6,1\r\n" + next + "," + w.customer.ID + ",Acme Ltd.,acme,10,5\r\n",
		"outcome=allowed group=route": "start,route,requests,refusals\r\n" + day + ",GET /a,5,0\r\n" +
			next + `,"'@SUM(A1),""x""",1,0` + "\r\n" + next + ",GET /b,4,0\r\n",
		"outcome=none": "start,requests,refusals\r\n",
	} {
		a := w.do(as, parameters+" format=csv")
		expect.Same(t, parameters, a.Body, want)
		expect.Same(t, "its type", a.Header["Content-Type"], "text/csv; charset=utf-8; header=present")
	}
	for accept, csv := range map[string]bool{
		"text/csv": true, "text/csv;q=0.9, application/json": true, "application/json, text/csv": false, "*/*": false, "": false, "text/html": false,
	} {
		a := w.do(as, "", "Accept", accept)
		expect.Same(t, "Accept: "+accept+" answers CSV", strings.HasPrefix(a.Header["Content-Type"], "text/csv"), csv)
	}
	expect.Same(t, "format over Accept", w.do(as, "format=json", "Accept", "text/csv").Header["Content-Type"], "application/json")
}

func TestGroupsAreNamedAndTheLargestIsFirst(t *testing.T) {
	w := newWorld(t)
	w.fill()
	groups := func(parameters string) (found string) {
		var a report.Answer
		if err := json.Unmarshal([]byte(w.do(asUser(berta, user.Admin), parameters).Body), &a); err != nil {
			t.Fatal(err)
		}
		for _, g := range a.Groups {
			found += fmt.Sprintf("%s %q %q %d/%d; ", w.alias(g.ID()), text(g.Name), text(g.ExternalID), g.Requests, g.Refusals)
		}
		return found
	}
	in := "project_id=" + w.own.Project
	expect.Same(t, "keys", groups(in+" group=key"), `acmes "=acme" "" 9/5; own "CI" "" 6/1; `)
	expect.Same(t, "customers", groups(in+" group=customer"), `acme "Acme Ltd." "acme" 9/5; none "" "" 6/1; `)
	expect.Same(t, "projects", groups("project_id=* group=project"), `A "Default" "" 15/6; B "Default" "" 7/0; `)
	expect.Same(t, "outcomes", groups(in+" group=outcome outcome=allowed"), `allowed "" "" 9/0; `)
	expect.Same(t, "no group", groups(in), "")
}

func TestKeyThatWasDeletedKeepsItsUsage(t *testing.T) {
	w := newWorld(t)
	w.fill()
	if err := w.store.DeleteKey(t.Context(), w.own, storetest.Entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
	c, err := w.store.Customer(t.Context(), w.customer.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.DeleteCustomer(t.Context(), c, storetest.Entry(audit.Deleted)); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "of the key", w.rows(asUser(ada, user.Member), "key_id="+w.own.ID), "0 6/1")
	expect.Same(t, "of the key to a stranger", w.rows(asUser(berta, user.Member), "key_id="+w.own.ID), "404")
	expect.Same(t, "of each key", w.rows(asUser(ada, user.Member), "group=key"), "0 own 6/1, 24 acmes 9/5")
	expect.Same(t, "of each customer", w.rows(asUser(ada, user.Member), "group=customer"), "0 none 6/1, 24 acme 9/5")
}
