//go:build e2e

package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

const maxBody = 64 << 10

// A bodyRoute is a route that takes a body, with fields that are good but for one.
type bodyRoute struct {
	route
	good     object
	optional bool // the body may be left out
}

func bodyRoutes() []bodyRoute {
	aKey := object{"name": "a name"}
	return []bodyRoute{
		{route{"POST", "/v1/auth/login", "NONE"}, object{"email": "nobody@example.com", "password": "of nobody"}, false},
		{route{"POST", "/v1/auth/register", ""}, object{"email": "nobody@example.com", "password": "something of nobody"}, false},
		{route{"POST", "/v1/api-keys", ""}, aKey, false},
		{route{"POST", "/api/v1/auth/api-keys", ""}, aKey, false},
		{route{"POST", "/api/v1/auth/api-keys/{id}/regenerate", ""}, object{"grace_seconds": 0}, true},
		{route{"POST", "/v1/projects", ""}, object{"name": "a name"}, false},
	}
}

func TestMalformedBodyIsRefusedByEveryRoute(t *testing.T) {
	p := admin(t)
	k := newKey(t, p.token, nil)
	before := snapshot(t, p)
	for _, r := range bodyRoutes() {
		ask := func(body any, header map[string]string) answer {
			return send(t, request{method: r.method, path: r.path(k.ID), as: p.token, body: body, header: header})
		}
		if !r.optional {
			ask(nil, nil).refused(t, 400, "INVALID_JSON")
			ask("", nil).refused(t, 400, "INVALID_JSON")
			ask(" \n", nil).refused(t, 400, "INVALID_JSON")
			ask("{}", nil).refused(t, 422, "VALIDATION_ERROR")
		}
		for _, text := range []string{"{", "nonsense", `{"name":"a"} {}`, `{"name":"a",}`, "{'name':'a'}", "\x00", strings.Repeat("[", 20_000)} {
			ask(text, nil).refused(t, 400, "INVALID_JSON")
		}
		for _, text := range []string{"[]", `"text"`, "7", "null", "true"} {
			ask(text, nil).refused(t, 422, "VALIDATION_ERROR")
		}
		ask(strings.Repeat(" ", maxBody)+"{}", nil).refused(t, 413, "BODY_TOO_LARGE")
		ask(r.good, map[string]string{"Content-Type": "application/xml"}).refused(t, 415, "UNSUPPORTED_MEDIA_TYPE")
		ask(r.good, map[string]string{"Content-Type": "text/plain; charset=utf-8"}).refused(t, 415, "UNSUPPORTED_MEDIA_TYPE")
		ask(r.good, map[string]string{"Content-Type": ";;"}).refused(t, 415, "UNSUPPORTED_MEDIA_TYPE")

		unknown := object{"no_such_field": 1}
		for name, value := range r.good {
			unknown[name] = value
		}
		if got := ask(unknown, nil).refused(t, 422, "VALIDATION_ERROR"); got.Fields[0].Field != "no_such_field" {
			t.Errorf("%s: fields %v", r, got.Fields)
		}
	}
	if after := snapshot(t, p); after != before {
		t.Errorf("a refused request changed something:\n%s\n%s", before, after)
	}
}

func TestBodyOf64KiBIsNotTooLarge(t *testing.T) {
	body := `{"name":"a name"}`
	send(t, request{method: "POST", path: "/v1/projects", as: admin(t).token,
		body: body + strings.Repeat(" ", maxBody-len(body))}).is(t, 201)
}

func TestIDThatCannotBeIsRefused(t *testing.T) {
	routes := slices.DeleteFunc(protectedRoutes(t), func(r route) bool { return !strings.Contains(r.resource, "{id}") })
	for some := range slices.Chunk(routes, 10) { // a person for each ten: more would reach the limit, and wait
		p := member(t)
		newKey(t, p.token, nil)
		before := snapshot(t, p)
		for _, r := range some {
			refusesBadIDs(t, p, r)
		}
		if after := snapshot(t, p); after != before {
			t.Errorf("a refused request changed something:\n%s\n%s", before, after)
		}
	}
}

// An id that no function sees, since the router or the policy engine stopped it, may
// have another 4xx than 404.
func refusesBadIDs(t *testing.T, p person, r route) {
	t.Helper()
	for _, id := range []string{
		"x", "%2F", "a%2Fb", "..%2F..", "%2E%2E", "%00", "a%00b", "%0a", "a%0d%0aSet-Cookie:%20x", "%7F", "%E2%80%AE", "%FF", "%25", "%252F",
		"*", "%2A", "%23", "KEY%23x", "AAAAAAAAAAAAAAAA", strings.Repeat("A", 2000), strings.Repeat("%00", 600),
	} {
		a := send(t, request{method: r.method, path: r.path(id), as: p.token})
		if samLocal && a.status == http.StatusPermanentRedirect {
			continue // sam local's own server leads //… elsewhere
		}
		if a.problem(t); a.status == 401 {
			t.Errorf("%s with id %.40s: the credential was refused, which shows nothing", r, id)
		}
		if a.header.Get("Set-Cookie") != "" {
			t.Errorf("%s with id %.40s: a header was smuggled in", r, id)
		}
	}
}

func TestParameterOfAListMustBeOneThatItKnows(t *testing.T) {
	p := owner(t)
	for _, path := range []string{"/v1/api-keys", "/api/v1/auth/api-keys", "/v1/projects"} {
		for _, query := range []string{
			"limit=0", "limit=101", "limit=-1", "limit=x", "limit=1.5", "limit=1e1", "limit=99999999999999999999",
			"cursor=x", "cursor=%00", "cursor=%FF", "cursor=e30", "cursor=bnVsbA", "cursor=" + strings.Repeat("A", 2000),
		} {
			send(t, request{method: "GET", path: path + "?" + query, as: p.token}).refused(t, 400, "INVALID_PARAMETER")
		}
	}
}
