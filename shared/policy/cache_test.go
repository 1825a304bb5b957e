package policy

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"reflect"
	"sync"
	"testing"

	"github.com/latchkey/latchkey/shared/scope"
)

// asked is a principal, and the method on which it calls.
type asked struct {
	Principal
	arn string
}

// everyKind has principals that differ in one thing each, on APIs that differ in one thing each.
func everyKind() (all []asked) {
	for _, arn := range []string{
		"arn:aws:execute-api:eu-west-1:1:abc/prod/GET/x", "arn:aws:execute-api:eu-west-1:1:abc/test/GET/x",
		"arn:aws:execute-api:eu-west-1:1:abd/prod/GET/x", "arn:aws-cn:execute-api:cn-north-1:1:abc/prod/GET/x",
	} {
		for _, project := range []string{"prj_A", "prj_B"} {
			for _, kinds := range [][]scope.PrincipalKind{nil, {scope.AnyPrincipal}, {scope.AnyPrincipal, scope.User}, {scope.AnyPrincipal, scope.SecretKey, scope.FullKey}} {
				for _, scopes := range []scope.Set{nil, {"read:x"}, {"write:x"}, {"read:x", "write:x"}, {"admin"}} {
					all = append(all, asked{Principal{kinds, scopes, project}, arn})
				}
			}
		}
	}
	return all
}

func catalogues(t *testing.T) map[string]*scope.Catalogue {
	t.Helper()
	withProject, err := scope.ParseCatalogue([]byte(`{"base_paths": ["/api"], "scopes": [
		{"name": "read:x", "opens": ["GET /projects/{project_id}/x/*"]}, {"name": "write:x"}, {"name": "admin", "opens": ["* /*"]}],
		"principals": {"any": ["GET /me"], "user": ["POST /logout"], "secret_key": ["POST /keys"], "full_key": ["POST /projects"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	ofKinds, err := scope.ParseCatalogue([]byte(`{"base_paths": ["/api"], "scopes": [{"name": "read:x"}, {"name": "write:x"}, {"name": "admin", "opens": ["* /*"]}],
		"principals": {"user": ["GET /projects/{project_id}"]}}`))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*scope.Catalogue{"this build's": scope.Default(), "a scope names the project": withProject, "a kind names the project": ofKinds}
}

// compiled is the policy of each, without a cache.
func compiled(t *testing.T, c *scope.Catalogue, all []asked) []Policy {
	t.Helper()
	policies := make([]Policy, len(all))
	for i, a := range all {
		var err error
		if policies[i], err = New(In(a.Project, Routes(c, a.Scopes, a.Kinds...)), a.arn); err != nil {
			t.Fatal(err)
		}
	}
	return policies
}

// differs tells how the cache's policy for a is another than want.
func differs(c *Cache, catalogue *scope.Catalogue, a asked, want Policy) error {
	got, err := c.For(catalogue, a.Principal, a.arn)
	switch {
	case err != nil:
		return err
	case !bytes.Equal(got.whole, want.whole):
		return fmt.Errorf("%+v got the policy\n%s, want\n%s", a, got.whole, want.whole)
	case !reflect.DeepEqual(got.routes, want.routes):
		return fmt.Errorf("%+v may call %v, want %v", a, got.routes, want.routes)
	}
	return nil
}

func TestNoPrincipalGetsAnothersPolicyFromTheCache(t *testing.T) {
	for name, catalogue := range catalogues(t) {
		t.Run(name, func(t *testing.T) {
			c, all := NewCache(), everyKind()
			want := compiled(t, catalogue, all)
			random := rand.New(rand.NewPCG(1, 2))
			for range 40 { // they are more than the cache holds, so each is sometimes found and sometimes not
				for _, i := range random.Perm(len(all)) {
					if err := differs(c, catalogue, all[i], want[i]); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

func TestConcurrentPrincipalsGetTheirOwnPolicyFromTheCache(t *testing.T) {
	catalogue, all := catalogues(t)["a scope names the project"], everyKind()
	c, want := NewCache(), compiled(t, catalogue, all)
	var group sync.WaitGroup
	for seed := range uint64(8) {
		random := rand.New(rand.NewPCG(seed, 2))
		group.Go(func() {
			for range 1000 {
				i := random.IntN(len(all))
				if err := differs(c, catalogue, all[i], want[i]); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

func TestCacheHoldsOnlySoMany(t *testing.T) {
	c := NewCache()
	for i := range 3 * maxKept {
		arn := fmt.Sprintf("arn:aws:execute-api:eu-west-1:1:api%d/prod/GET/x", i)
		if _, err := c.For(scope.Default(), Principal{Scopes: scope.Set{"read:stats"}}, arn); err != nil {
			t.Fatal(err)
		}
		if len(c.kept) > maxKept {
			t.Fatalf("it holds %d policies, want at most %d", len(c.kept), maxKept)
		}
	}
}

func TestAnAnswerWithoutAPolicyIsNotKept(t *testing.T) {
	c := NewCache()
	for range 2 {
		if p, err := c.For(scope.Default(), Principal{Scopes: scope.Set{"read:stats"}}, "arn:aws:s3:::bucket/a/b/c"); err == nil {
			t.Errorf("got %s", p.whole)
		}
	}
	if len(c.kept) != 0 {
		t.Errorf("it holds %d policies", len(c.kept))
	}
}
