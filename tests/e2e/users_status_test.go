//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

// everywhere are statuses of every route, which other tests reach: a limit that is used up (limits_test.go), and
// a service that fails or has too much to do (the unit tests of users-update and users-handover).
var everywhere = []int{429, 503}

// TestEveryRouteOfUsersAnswersEachStatusThatItsDocumentLists sends to each route of users what leads to each
// status, and compares them with the OpenAPI document, both ways.
func TestEveryRouteOfUsersAnswersEachStatusThatItsDocumentLists(t *testing.T) {
	document := decode[struct {
		Paths map[string]map[string]struct {
			Responses map[string]any
		}
	}](t, get(t, "", "/openapi.json").is(t, 200))
	target, heir, gone := register(t), register(t), register(t)
	patchUser(t, admin(t).token, gone.ID, object{"disabled": true}).is(t, 200)
	one, nobody := "/v1/users/"+target.ID, "/v1/users/usr_AAAAAAAAAAAAAAAAAAAAAAAAAA"
	good := map[string][]request{ // what succeeds, and what conflicts if anything can
		"get /v1/users":                {{method: "GET", path: "/v1/users"}},
		"get /v1/users/{id}":           {{method: "GET", path: one}},
		"patch /v1/users/{id}":         {{method: "PATCH", path: one, body: object{"role": "member"}}},
		"post /v1/users/{id}/link":     {{method: "POST", path: one + "/link", body: object{"purpose": "reset"}}, {method: "POST", path: one + "/link", body: object{"purpose": "invitation"}}},
		"post /v1/users/{id}/handover": {{method: "POST", path: one + "/handover", body: object{"to": heir.ID}}, {method: "POST", path: "/v1/users/" + gone.ID + "/handover", body: object{"to": heir.ID}}},
		"delete /v1/users/{id}":        {{method: "DELETE", path: one}}, // of another, where it succeeds
	}
	for _, name := range slices.Sorted(maps.Keys(good)) {
		method, path, _ := strings.Cut(name, " ")
		listed := document.Paths[path][method].Responses
		seen := map[string]bool{}
		for status, r := range askedFor(t, good[name], one, nobody) {
			a := send(t, r)
			expect.Same(t, fmt.Sprintf("%s: what is to be answered %d", name, status), a.status, status)
			seen[strconv.Itoa(a.status)] = true
			if _, there := listed[strconv.Itoa(a.status)]; !there {
				t.Errorf("%s: the document does not list %d", name, a.status)
			}
		}
		for status := range listed {
			number, _ := strconv.Atoi(status)
			conflict := name == "patch /v1/users/{id}" && status == "409" // TestAUserWhoIsBeingDeletedCannotBeChanged
			if !seen[status] && !conflict && !slices.Contains(everywhere, number) {
				t.Errorf("%s: nothing leads to %s, which the document lists", name, status)
			}
		}
	}
}

// askedFor are requests to a route by the status that each is to be answered, made from one that succeeds.
func askedFor(t *testing.T, good []request, one, nobody string) map[int]request {
	t.Helper()
	success := 200
	switch {
	case good[0].method == "DELETE":
		success = 204
	case strings.HasSuffix(good[0].path, "/link"):
		success = 201
	}
	all := map[int]request{}
	as := func(status int, change func(*request)) {
		r := good[0]
		r.as = admin(t).token
		change(&r)
		all[status] = r
	}
	as(success, func(r *request) {
		if r.method == "DELETE" {
			r.path = "/v1/users/" + register(t).ID
		}
	})
	as(400, func(r *request) { r.header = map[string]string{"X-Api-Key": "gf_another"} })
	as(401, func(r *request) { r.as = "x" })
	as(403, func(r *request) { r.as = other(t).token })
	if good[0].path != "/v1/users" {
		as(404, func(r *request) { r.path = strings.Replace(r.path, one, nobody, 1) })
	}
	if good[0].body != nil {
		as(413, func(r *request) { r.body = object{"x": strings.Repeat("x", 70_000)} })
		as(415, func(r *request) { r.header = map[string]string{"Content-Type": "text/plain"} })
		as(422, func(r *request) { r.body = object{} })
	}
	if len(good) > 1 {
		r := good[1]
		r.as = admin(t).token
		all[409] = r
	}
	return all
}
