package policy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/policy"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/scope/scopetest"
	"github.com/latchkey/latchkey/tests/expect"
)

var asks = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

func sixty(t *testing.T) *scope.Catalogue {
	t.Helper()
	c, err := scope.Compose("sixty.json", []byte(scopetest.Resources(60)))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func policyOf(t *testing.T, c *scope.Catalogue, scopes scope.Set) policy.Policy {
	t.Helper()
	p, err := policy.NewCache().For(c, policy.Principal{Scopes: scopes}, stage+"GET/whatever")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func read(t *testing.T, text []byte) (document events.APIGatewayCustomAuthorizerPolicy) {
	t.Helper()
	if err := json.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// A principal with all scopes of 60 resources has a policy of 45 KB, which no answer holds.
func TestWithSixtyResourcesEachRequestGetsAnAnswerThatFits(t *testing.T) {
	c := sixty(t)
	p := policyOf(t, c, c.AllButAdmin())
	longest := 0
	for i := range 60 {
		for _, path := range []string{fmt.Sprintf("/api/resource-%02d", i), fmt.Sprintf("/api/resource-%02d/7/notes", i)} {
			for _, method := range asks {
				text := p.Document(method, path, policy.MaxAnswer)
				longest = max(longest, len(text))
				if got, want := allowed(t, read(t, text), method, path), method != "OPTIONS"; got != want || p.Allows(method, path) != want {
					t.Fatalf("%s %s: the policy says %t, Allows %t, want %t", method, path, got, p.Allows(method, path), want)
				}
			}
		}
	}
	if t.Logf("the longest policy has %d bytes", longest); longest > 3<<10 {
		t.Errorf("a policy has %d bytes", longest)
	}
}

// What API Gateway may do with the answer to one request, it may do with the whole policy too.
func TestAnAnswerAboutOneRequestOpensNothingThatTheWholePolicyDoesNot(t *testing.T) {
	c := sixty(t)
	scopes := scope.Set{"read:resource-01", "write:resource-02"}
	p := policyOf(t, c, scopes)
	whole := read(t, p.Document("GET", "/api/resource-01", policy.MaxAnswer))
	expect.Same(t, "the whole policy is sent if there is room", len(whole.Statement[0].Resource), 12)
	paths := []string{"/", "/api", "/api/", "/api/resource-01/", "/api/resource-01x", "/api/resource-01/../resource-02", "/api/resource-01/%2e%2e/x", "/api/resource-01/*"}
	for i := range 4 {
		paths = append(paths, fmt.Sprintf("/api/resource-%02d", i), fmt.Sprintf("/api/resource-%02d/7", i), fmt.Sprintf("/api/resource-%02d/7/x", i))
	}
	for _, asked := range paths {
		for _, method := range asks {
			one := read(t, p.Document(method, asked, 0))
			expect.Same(t, method+" "+asked+" is answered as the whole policy answers it", allowed(t, one, method, asked), allowed(t, whole, method, asked))
			for _, other := range paths {
				for _, otherMethod := range asks {
					if allowed(t, one, otherMethod, other) && !allowed(t, whole, otherMethod, other) {
						t.Errorf("the answer to %s %s opens %s %s", method, asked, otherMethod, other)
					}
				}
			}
		}
	}
}

func TestARequestThatNothingOpensIsDeniedWhereThePolicyDoesNotFit(t *testing.T) {
	c := sixty(t)
	p := policyOf(t, c, c.AllButAdmin())
	for _, path := range []string{"/api/resource-99", "/api/resource-01x", "/api/resource-01/%2e%2e/y", "/v1/users"} {
		document := read(t, p.Document("GET", path, policy.MaxAnswer))
		expect.Same(t, path+": the number of statements", len(document.Statement), 1)
		expect.Same(t, path+": the effect", document.Statement[0].Effect, "Deny")
	}
}

func TestAPolicyBelongsToTheCatalogueThatMadeIt(t *testing.T) {
	cache := policy.NewCache()
	principal := policy.Principal{Scopes: scope.Set{"read:x"}}
	for range 2 {
		for _, base := range []string{"/api", "/v2"} {
			c, err := scope.Compose("theirs.json", []byte(`{"base_paths": ["`+base+`"], "scopes": [{"name": "read:x"}]}`))
			if err != nil {
				t.Fatal(err)
			}
			p, err := cache.For(c, principal, stage+"GET/whatever")
			if err != nil {
				t.Fatal(err)
			}
			expect.Same(t, "/api/x is open", p.Allows("GET", "/api/x"), base == "/api")
			expect.Same(t, "/v2/x is open", p.Allows("GET", "/v2/x"), base == "/v2")
		}
	}
}

// FuzzThePolicyFindsWhatAllowsFinds compares the look-up of a request's route with the plain search.
func FuzzThePolicyFindsWhatAllowsFinds(f *testing.F) {
	for _, path := range []string{"/api/x", "/api/x/7", "/api/x/7/8", "/v1/runs/7/ticket", "/v1/runs/ticket", "/v1/runs//ticket", "/v1/y/", "/v1/y/7", "", "/", "x", "/api/x/..", "/v1/prj_A/z/1"} {
		f.Add(path)
	}
	routes := append(routesForFuzzing(f), scope.Route{Method: "GET", Path: "/"}, scope.Route{Method: "HEAD", Path: "/*"})
	p, err := policy.New(routes, stage+"GET/whatever")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path string) {
		for _, method := range asks {
			if got, want := p.Allows(method, path), policy.Allows(routes, method, path); got != want {
				t.Fatalf("%s %q: %t, want %t", method, path, got, want)
			}
			if !policy.Legible(path) || !strings.HasPrefix(path, "/") {
				continue
			}
			if got, want := allowed(t, read(t, p.Document(method, path, 0)), method, path), p.Allows(method, path); got != want {
				t.Fatalf("%s %q: the policy about it says %t, Allows %t", method, path, got, want)
			}
		}
	})
}

func BenchmarkFindingARoute(b *testing.B) {
	for _, n := range []int{7, 60} {
		b.Run(fmt.Sprintf("%d resources", n), func(b *testing.B) {
			c, err := scope.Compose("n.json", []byte(scopetest.Resources(n)))
			if err != nil {
				b.Fatal(err)
			}
			p, err := policy.NewCache().For(c, policy.Principal{Scopes: c.AllButAdmin()}, stage+"GET/whatever")
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if !p.Allows("DELETE", "/api/resource-05/7") {
					b.Fatal("not allowed")
				}
			}
		})
	}
}
