package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/policy"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/scope/scopetest"
	"github.com/latchkey/latchkey/tests/expect"
)

// at is a request of that method and path.
func at(method, path, key string) event {
	r := get("X-Api-Key: " + key)
	r.HTTPMethod, r.Path, r.Resource = method, path, path
	r.MethodArn = "arn:aws:execute-api:eu-west-1:1:abc/prod/" + method + path
	return r
}

// opens reports whether the answer allows a request, and fails the test if a caller was refused.
func (w *world) opens(r event) bool {
	w.t.Helper()
	answer, err := w.handle(ctx, r)
	if err != nil {
		w.t.Fatal(err)
	}
	if answer.Context[gateway.CtxPrincipal] == nil {
		w.t.Fatalf("%s: the caller was refused: %v", r.MethodArn, answer.Context)
	}
	return answer.PolicyDocument.Statement[0].Effect == "Allow" && slices.ContainsFunc(answer.PolicyDocument.Statement[0].Resource, func(resource string) bool {
		_, route, _ := strings.Cut(resource, ":abc/prod/")
		method, path, some := strings.Cut(route, "/")
		return !some && route == "*" || policy.Allows([]scope.Route{{Method: method, Path: "/" + path}}, r.HTTPMethod, r.Path)
	})
}

// A mistake of a deployer must not open the routes with which users and keys are managed.
func TestADeployersScopeOpensNothingOnLatchkeysOwnAPI(t *testing.T) {
	scopetest.Use(t, `{"base_paths": ["/v1"], "scopes": [{"name": "read:users"}, {"name": "write:all", "opens": ["* /v1/*", "* /api/*"]}]}`)
	w := newWorld(t, modeFunction)
	_, key := w.key(func(k *apikey.Key) { k.Scopes = []string{"read:events", "read:users", "write:all"} })
	_, admin := w.key(func(k *apikey.Key) { k.Scopes = []string{"admin"} })
	for _, route := range []string{"GET /v1/users", "GET /v1/users/usr_B", "POST /v1/users/import", "POST /v1/auth/register", "DELETE /api/v1/auth/api-keys/x"} {
		method, path, _ := strings.Cut(route, " ")
		w.own = true
		expect.Same(t, route+" of Latchkey is open to the deployer's scopes", w.opens(at(method, path, key)), false)
		expect.Same(t, route+" of Latchkey is open to admin", w.opens(at(method, path, admin)), true)
		w.own = false
		expect.Same(t, route+" of the deployer is open to their scopes", w.opens(at(method, path, key)), true)
	}
	w.own = true
	expect.Same(t, "Latchkey's own scope opens its route", w.opens(at("GET", "/v1/runs", key)), true)
}

func TestWithSixtyResourcesNoAnswerIsTooLong(t *testing.T) {
	c := scopetest.Use(t, scopetest.Resources(60))
	w := newWorld(t, modeEdge)
	w.limits.Max = nil
	_, all := w.key(func(k *apikey.Key) { k.Scopes = c.AllButAdmin() })
	longest := 0
	for i := range 60 {
		for method, event := range map[string]eventOf{"GET": restEvent, "DELETE": httpEvent} {
			path := fmt.Sprintf("/api/resource-%02d/7", i)
			text, err := w.Invoke(ctx, event(method, path, all))
			if err != nil {
				t.Fatal(err)
			}
			longest = max(longest, len(text))
			if !strings.Contains(string(text), `/`+method+`/api/resource-`+fmt.Sprintf("%02d", i)+`/*"`) {
				t.Errorf("%s %s is not open: %s", method, path, text)
			}
		}
	}
	if t.Logf("the longest answer has %d bytes", longest); longest > policy.MaxAnswer {
		t.Errorf("an answer has %d bytes", longest)
	}
}

// publish puts a catalogue in force that has these scopes, and no longer waits for its turn.
func (w *world) publish(revision int, names ...string) {
	w.t.Helper()
	for i, name := range names {
		names[i] = fmt.Sprintf(`{"name": %q}`, name)
	}
	text := `{"base_paths": ["/api"], "scopes": [` + strings.Join(names, ", ") + `]}`
	if err := w.store.PublishCatalogue(ctx, scope.Published{Revision: revision, Text: text}, now); err != nil {
		w.t.Fatal(err)
	}
	w.follow()
}

func (w *world) follow() {
	scope.Follow(w.store.Catalogue)
	w.t.Cleanup(func() { scope.Follow(nil) })
}

func TestAScopeOpensItsRoutesAsSoonAsItIsPublishedAndNoLongerThanItIs(t *testing.T) {
	w := newWorld(t, modeEdge)
	w.publish(1, "read:stats")
	_, key := w.key(func(k *apikey.Key) { k.Scopes = []string{"read:invoices", "read:stats"} }) // made while there was read:invoices
	for i, published := range [][]string{{"read:stats"}, {"read:stats", "read:invoices"}, {"read:stats"}} {
		w.publish(i+2, slices.Clone(published)...)
		expect.Same(t, fmt.Sprintf("with %v the key reads statistics", published), w.opens(at("GET", "/api/stats", key)), true)
		expect.Same(t, fmt.Sprintf("with %v the key reads invoices", published), w.opens(at("GET", "/api/invoices", key)), len(published) == 2)
	}
}

func TestACheckWaitsForNoCatalogueThatItHas(t *testing.T) {
	w := newWorld(t, modeEdge)
	w.publish(1, "read:stats")
	_, key := w.key(nil)
	for i, want := range []int{2, 1, 1} {
		w.wire.Calls()
		w.opens(at("GET", "/api/stats", key))
		if calls := w.wire.Calls(); len(calls) != want {
			t.Errorf("check %d made the calls %v, want %d", i, calls, want)
		}
	}
}

func TestWithoutACatalogueEveryCallerIsRefused(t *testing.T) {
	for _, mode := range []string{modeFunction, modeEdge} {
		scope.Follow(nil)
		w := newWorld(t, mode)
		_, key := w.key(nil)
		_, jwt := w.login()
		w.follow() // nothing was published
		for _, header := range []string{"X-Api-Key: " + key, "Authorization: Bearer " + jwt} {
			answer, err := w.handle(ctx, get(header))
			if mode == modeEdge {
				expect.Same(t, "an error that is not the caller's", err != nil && !errors.Is(err, errUnauthorized), true)
				continue
			}
			expect.Same[any](t, "the refusal", answer.Context[gateway.CtxRefusal], "SERVICE_UNAVAILABLE")
		}
	}
}
