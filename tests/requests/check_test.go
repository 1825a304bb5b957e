package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/caller"
)

const refusal = `{"type":"about:blank","title":"Not Found","status":404,"detail":"no","error":"no","ok":false,"error_code":"RESOURCE_NOT_FOUND","request_id":"r"}`

func TestCheckFindsEachWrongAnswer(t *testing.T) {
	g := &generator{document: document{codes: []string{"RESOURCE_NOT_FOUND"}}}
	answer := func(status int, media, body string) caller.Answer {
		return caller.Answer{Status: status, Header: http.Header{"Content-Type": {media}, "Cache-Control": {"no-store"}}, Body: []byte(body)}
	}
	asked := func(change func(*attempt)) *attempt {
		a := &attempt{route: route{method: "GET", path: "/v1/runs/{id}", statuses: []int{200, 404, 503}}, request: caller.Request{Path: "/v1/runs/x"}}
		change(a)
		return a
	}
	as := func(*attempt) {}
	const problem = "application/problem+json"
	for _, good := range []caller.Answer{answer(200, "application/json", "{}"), answer(404, problem, refusal)} {
		if wrong := g.check(asked(as), good); wrong != nil {
			t.Errorf("a good %d is wrong: %v", good.Status, wrong)
		}
	}
	key := "gf_" + strings.Repeat("A", 52)
	for what, one := range map[string]struct {
		change func(*attempt)
		got    caller.Answer
	}{
		"a 5xx":                      {as, answer(503, problem, strings.ReplaceAll(refusal, "404", "503"))},
		"a 2xx that should not be":   {func(a *attempt) { a.forbid(true, "a bad key") }, answer(200, "application/json", "{}")},
		"a status of no document":    {as, answer(202, "application/json", "{}")},
		"a key that nobody made":     {as, answer(200, "application/json", key)},
		"a token that nobody made":   {as, answer(404, problem, strings.Replace(refusal, `"no"`, `"eyJa.b.c"`, 2))},
		"a password":                 {func(a *attempt) { a.passwords = []string{"hunter2"} }, answer(200, "application/json", `"hunter2"`)},
		"a stranger's active token":  {func(a *attempt) { a.inactive = true }, answer(200, "application/json", `{"active":true}`)},
		"another media type":         {as, answer(404, "application/json", refusal)},
		"another status in the body": {as, answer(404, problem, strings.Replace(refusal, "404", "403", 1))},
		"an unknown error_code":      {as, answer(404, problem, strings.Replace(refusal, "RESOURCE_NOT_FOUND", "NO", 1))},
		"a problem without fields":   {func(a *attempt) { a.strange = true }, answer(422, problem, strings.Replace(refusal, "404", "422", 1))},
		"text":                       {as, answer(404, problem, "no")},
	} {
		if wrong := g.check(asked(one.change), one.got); wrong == nil {
			t.Errorf("%s is not found", what)
		}
	}
}

// The rights are a table for a reader. This shows that the table is read rightly.
func TestRightsOpenWhatTheySay(t *testing.T) {
	one, two := &tenant{}, &tenant{}
	person := &holder{of: one, person: true, scopes: []string{"read:events"}}
	ticket := &holder{of: one, run: "run_A"}
	key := &holder{of: one, project: "prj_A", keyType: "scoped", scopes: []string{"read:events"}}
	admin := &holder{of: one, project: "prj_A", keyType: "scoped", scopes: []string{"admin"}}
	for _, row := range []struct {
		route string
		h     *holder
		open  bool
	}{
		{"GET /health", nil, true}, {"GET /v1/auth/me", nil, false}, {"GET /v1/auth/me", key, true}, {"GET /v1/auth/me", ticket, false},
		{"GET /v1/runs", key, true}, {"POST /v1/runs", key, false}, {"POST /v1/runs", admin, true},
		{"GET /v1/api-keys", person, true}, {"GET /v1/api-keys", key, false}, {"GET /v1/auth/sessions", admin, false},
		{pollRoute, ticket, true}, {"POST /v1/auth/register", person, false}, {"GET /v1/nothing", admin, false},
	} {
		if got := open(row.route, row.h); got != row.open {
			t.Errorf("%s is open to %+v: %t", row.route, row.h, got)
		}
	}
	run := thing{"run", "run_A", one, "prj_A"}
	for name, reaches := range map[string]bool{
		"its owner": person.reaches(run), "a key of its project": key.reaches(run), "its ticket": ticket.reaches(run),
		"not nobody":       !(*holder)(nil).reaches(run),
		"not a stranger":   !(&holder{of: two, person: true}).reaches(run),
		"not another's":    !(&holder{of: one, project: "prj_B"}).reaches(run),
		"not other's tick": !(&holder{of: one, run: "run_B"}).reaches(run),
	} {
		if !reaches {
			t.Errorf("the run is reached wrongly: %s", name)
		}
	}
}
