//go:build e2e

package e2e

import (
	"slices"
	"testing"
)

// public has the routes that anybody may call (docs/dialects.md). Callers of /oauth/* send their
// credential in the body, and those of /v1/leaks sign it.
var public = []string{
	"POST /v1/auth/password/forgot", "POST /v1/auth/password/reset", "POST /v1/auth/verify",
	"POST /v1/auth/login", "POST /api/auth/login", "POST /api/auth/refresh",
	"POST /v1/auth/login/mfa", "POST /api/auth/mfa",
	"POST /v1/auth/login/passkey", "POST /api/auth/passkey", "POST /v1/auth/login/passkey/options",
	"POST /oauth/token", "POST /oauth/introspect", "POST /oauth/revoke", "GET /.well-known/oauth-authorization-server",
	"POST /v1/leaks", "GET /.well-known/openid-configuration", "GET /.well-known/jwks.json",
	"GET /openapi.json", "GET /health", "GET /dashboard",
}

// A function that somebody adds without the authorizer fails here.
func TestRoutesWithoutTheAuthorizerAreExactlyThePublicOnes(t *testing.T) {
	for _, r := range routes(t) {
		wanted := slices.Contains(public, r.String()) || r.method == "OPTIONS" // the preflight of CORS
		if open := r.authorizer == "NONE"; open != wanted {
			t.Errorf("%s: without authorizer is %t, meant to be public %t", r, open, wanted)
		}
		if r.authorizer != "NONE" && r.authorizer != "" {
			t.Errorf("%s has an authorizer of its own, %s", r, r.authorizer)
		}
	}
}

func TestEveryProtectedRouteRefusesEveryBadCredential(t *testing.T) {
	p, list := owner(t), badCredentials(t)
	k := newKey(t, p.token, nil)
	before := snapshot(t, p)
	for _, r := range protectedRoutes(t) {
		for _, bad := range list {
			a := send(t, request{method: r.method, path: r.path(k.ID), header: bad.header, body: bodyFor(r)})
			got := a.problem(t)
			if a.status != bad.status {
				t.Errorf("%s with %s: status %v, want %v", r, bad.name, a.status, bad.status)
			}
			if got.Code != bad.code {
				t.Errorf("%s with %s: error_code: %v, want %v", r, bad.name, got.Code, bad.code)
			}
		}
	}
	if after := snapshot(t, p); after != before {
		t.Errorf("a refused request changed something:\n%s\n%s", before, after)
	}
}

// ?token= belongs to the poll alone. Elsewhere it neither lets in nor counts as a second
// credential.
func TestTokenInTheQueryIsTakenOnNoRouteButThePoll(t *testing.T) {
	p := owner(t)
	k := newKey(t, p.token, nil)
	before := snapshot(t, p)
	for _, r := range protectedRoutes(t) {
		if r.resource == pollResource {
			continue
		}
		for _, credential := range []string{p.token, k.Key} {
			a := send(t, request{method: r.method, path: r.path(k.ID) + "?token=" + credential, body: bodyFor(r)})
			got := a.problem(t)
			if a.status != 401 {
				t.Errorf("%s?token=: status %v, want 401", r, a.status)
			}
			if got.Code != "MISSING_CREDENTIALS" {
				t.Errorf("%s?token=: error_code: %v, want MISSING_CREDENTIALS", r, got.Code)
			}
		}
	}
	if after := snapshot(t, p); after != before {
		t.Errorf("a refused request changed something:\n%s\n%s", before, after)
	}
	send(t, request{method: "GET", path: me + "?token=" + p.token, as: k.Key}).is(t, 200)
}

func TestUnknownPathIsA404(t *testing.T) {
	k := newKey(t, admin(t).token, nil)
	for _, path := range []string{"/", "/v1", "/v1/", "/v1/auth/me/more", "/v1/api-keys/x/y", "/V1/auth/me", "/oauth", "/api/v1/auth/api-keys/x/revoke/y"} {
		for _, credential := range []string{"", k.Key} {
			send(t, request{method: "GET", path: path, as: credential}).refused(t, 404, "RESOURCE_NOT_FOUND")
		}
	}
}

func TestUnknownMethodOnAKnownPathIsA404(t *testing.T) {
	known := map[string][]string{}
	for _, r := range routes(t) {
		known[r.resource] = append(known[r.resource], r.method)
	}
	for resource, methods := range known {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if !slices.Contains(methods, method) {
				send(t, request{method: method, path: route{resource: resource}.path("AAAAAAAAAAAAAAAA")}).refused(t, 404, "RESOURCE_NOT_FOUND")
			}
		}
	}
}

// bodyFor is a body that most routes would take, so that a refusal is not the body's.
func bodyFor(r route) any {
	if r.method == "GET" || r.method == "DELETE" {
		return nil
	}
	return object{"name": "made by a refused request"}
}

// snapshot is what a person has, as the API shows it.
func snapshot(t testing.TB, p person) string {
	t.Helper()
	keys := send(t, request{method: "GET", path: "/v1/api-keys?limit=100", as: p.token}).is(t, 200)
	projects := send(t, request{method: "GET", path: "/v1/projects?limit=100", as: p.token}).is(t, 200)
	return string(keys.body) + string(projects.body)
}
