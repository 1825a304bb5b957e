package policy_test

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	gopath "path"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/policy"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/tests/expect"
)

const stage = "arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/"

// allowed is what API Gateway does with a policy: an explicit deny, then an allow, else
// deny; in a resource * is any run of characters, also of none and also of "/", and ? is
// one (AWS IAM User Guide, "IAM JSON policy elements: Resource").
func allowed(t *testing.T, p events.APIGatewayCustomAuthorizerPolicy, method, path string) bool {
	t.Helper()
	allow := false
	for _, s := range p.Statement {
		if !slices.Equal(s.Action, []string{"execute-api:Invoke"}) {
			t.Fatalf("a statement that this evaluator does not know: %+v", s)
		}
		for _, r := range s.Resource {
			if glob(r, stage+method+path) {
				if s.Effect != "Allow" {
					return false
				}
				allow = true
			}
		}
	}
	return allow
}

// glob remembers the last * and goes back to it.
func glob(pattern, text string) bool {
	p, i, star, from := 0, 0, -1, 0
	for i < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[i]):
			p, i = p+1, i+1
		case star >= 0:
			from++
			p, i = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

func compile(t *testing.T, routes []scope.Route) events.APIGatewayCustomAuthorizerPolicy {
	t.Helper()
	p, err := policy.Compile(routes, stage+"GET/whatever")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// names says, in words of the catalogue and of nothing else, whether a scope opens it.
// No scope but admin opens a path that can be read as another one.
func names(c *scope.Catalogue, set scope.Set, method, path string) bool {
	for _, name := range set {
		for _, r := range c.Opens(name) {
			if r.Method != method && r.Method != "*" {
				continue
			}
			before, after, wild := strings.Cut(r.Path, "*")
			between := len(path) > len(before)+len(after) && strings.HasPrefix(path, before) && strings.HasSuffix(path, after)
			if path == r.Path || wild && between {
				decoded, err := url.PathUnescape(path)
				return err == nil && gopath.Clean(decoded) == path
			}
		}
	}
	return false
}

var methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

// some are at most 16 scopes, at random: a deployer's catalogue may have hundreds.
func some(c *scope.Catalogue, random *rand.Rand) []scope.Scope {
	all := c.Scopes()
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:min(16, len(all))]
}

func paths(scopes []scope.Scope) []string {
	all := []string{"/", "/health", "/v1/api-keys", "/v1/runs", "/v1/runs/run_1", "/v1/runs/run_1/events", "/v1/runs/run_1/ticket", "/v1/runs/ticket", "/v1/runs//ticket", "/v1/runs/run_1/events/", "/api", "/api/", "/api/v1/auth/api-keys/x/revoke", "/evil/api/campaigns"}
	for _, s := range scopes {
		_, resource, _ := strings.Cut(s.Name, ":")
		p := "/api/" + resource
		all = append(all, p, p+"/", p+"/1", p+"/1/2", p+"-evil", p+"evil/1", "/"+p, "/api//"+resource, strings.ToUpper(p), p+"%2f1",
			p+"/%2e%2e/billing", "/api/x/../"+resource, p+"/"+strings.Repeat("a", 2000), "/prod"+p, p+"?x=1", p+";x", p+"\x00")
	}
	return all
}

func TestNoSetOfScopesAllowsWhatNoneOfThemNames(t *testing.T) {
	c := scope.Default()
	random := rand.New(rand.NewPCG(1, 2))
	for range 60 {
		every, set := paths(some(c, random)), scope.Set(nil)
		for _, s := range some(c, random) {
			if s.Name != scope.Admin && random.IntN(3) == 0 {
				set = append(set, s.Name)
			}
		}
		slices.Sort(set)
		routes := policy.Routes(c, set)
		p := compile(t, routes)
		for _, path := range every {
			for _, method := range methods {
				want := names(c, set, method, path)
				if got := allowed(t, p, method, path); got != want {
					t.Fatalf("%v: %s %.80q: %v", set, method, path, got)
				}
				if got := policy.Allows(routes, method, path); got != want {
					t.Fatalf("%v: Allows %s %.80q: %v", set, method, path, got)
				}
			}
		}
	}
}

func TestAdminAllowsEverythingAndNoScopesNothing(t *testing.T) {
	c := scope.Default()
	all := policy.Routes(c, c.All())
	none := policy.Routes(c, nil)
	for _, path := range paths(some(c, rand.New(rand.NewPCG(1, 2)))) {
		for _, method := range methods {
			request := fmt.Sprintf("%s %.80q ", method, path)
			expect.Same(t, request+"by the policy of admin", allowed(t, compile(t, all), method, path), true)
			expect.Same(t, request+"by Allows of admin", policy.Allows(all, method, path), true)
			expect.Same(t, request+"by the policy of no scopes", allowed(t, compile(t, none), method, path), false)
			expect.Same(t, request+"by Allows of no scopes", policy.Allows(none, method, path), false)
			expect.Same(t, request+"by the policy that denies all", allowed(t, policy.DenyAll(), method, path), false)
		}
	}
}

// A * in the method's place would cross "/" too.
func TestRouteOfAllMethodsOpensNoOtherPath(t *testing.T) {
	c, err := scope.ParseCatalogue([]byte(`{"scopes": [{"name": "write:x", "opens": ["* /v1/x", "* /v2/x/*"]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	routes := policy.Routes(c, scope.Set{"write:x"})
	p := compile(t, routes)
	for path, want := range map[string]bool{
		"/v1/x": true, "/v2/x/1": true, "/v1/x/1": false, "/evil/v1/x": false, "/evil/v2/x/1": false, "/v2/x": false,
	} {
		for _, method := range methods[:6] {
			expect.Same(t, method+" "+path+" by the policy", allowed(t, p, method, path), want)
			expect.Same(t, method+" "+path+" by Allows", policy.Allows(routes, method, path), want)
		}
	}
}

func TestPolicyIsForTheAPIAndStageThatAsked(t *testing.T) {
	p := compile(t, policy.Routes(scope.Default(), scope.Set{"admin"}))
	for _, arn := range []string{
		"arn:aws:execute-api:eu-west-1:1:other/prod/GET/x", "arn:aws:execute-api:eu-west-1:1:abc123/test/GET/x", "arn:aws:execute-api:eu-west-1:1:abc123/prod2/GET/x",
	} {
		for _, r := range p.Statement[0].Resource {
			if glob(r, arn) {
				t.Errorf("%s opens %s", r, arn)
			}
		}
	}
	for _, arn := range []string{"", "*", "arn:aws:lambda:eu-west-1:1:abc/prod/GET/x", "arn:aws:execute-api:eu-west-1:1:abc123", "arn:aws:execute-api:eu-west-1:1:/prod/GET", "arn:aws:execute-api:eu-west-1:1:abc//GET"} {
		if _, err := policy.Compile([]scope.Route{{Method: "GET", Path: "/"}}, arn); err == nil {
			t.Errorf("%q was taken for the ARN of a method", arn)
		}
	}
}
