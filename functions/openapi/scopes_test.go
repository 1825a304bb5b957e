package main

import (
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/policy"
	"github.com/latchkey/latchkey/shared/scope"
)

func TestAnOperationNamesTheScopesThatOpenIt(t *testing.T) {
	catalogue := scope.Default()
	everybody := policy.Routes(catalogue, nil, scope.AnyPrincipal)
	users := policy.Routes(catalogue, nil, scope.AnyPrincipal, scope.User)
	for name, o := range described(t) {
		if !o.protected() {
			continue
		}
		method, path, _ := strings.Cut(name, " ")
		path = strings.ReplaceAll(path, "{id}", "x")
		var opening []string // no scope is needed if it stays empty
		for _, s := range catalogue.All() {
			if s != scope.Admin && policy.Allows(catalogue.Opens(s), method, path) {
				opening = append(opening, s)
			}
		}
		forKeys, forUsers := opening, opening
		if opening == nil && !policy.Allows(everybody, method, path) {
			forKeys = []string{scope.Admin}
			if !policy.Allows(users, method, path) {
				forUsers = forKeys
			}
		}
		for _, alternative := range o.Security {
			for scheme, scopes := range alternative {
				want := forKeys
				if scheme != "oauth" && len(scopes) > 0 {
					t.Errorf("%s: put the scopes of %s into x-scopes", name, scheme)
				}
				switch scheme {
				case "token", "queryToken":
					scopes, want = o.Scopes["token"], forUsers
				case "key", "keyHeader":
					scopes = o.Scopes["key"]
				}
				if !slices.Equal(scopes, want) && len(scopes)+len(want) > 0 {
					t.Errorf("%s: openapi.json asks of %s for %v, the catalogue for %v", name, scheme, scopes, want)
				}
			}
		}
	}
}

func TestTheDocumentListsExactlyTheScopesOfTheCatalogue(t *testing.T) {
	var doc struct {
		Components struct {
			Schemas struct {
				Scope         struct{ Enum []string }
				ScopeSpelling struct{ Pattern string }
			}
			SecuritySchemes struct {
				OAuth struct {
					Flows struct {
						ClientCredentials struct{ Scopes map[string]string }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(document(scope.Default()), &doc); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, s := range scope.Default().Scopes() {
		want[s.Name] = s.Description
	}
	if got := doc.Components.SecuritySchemes.OAuth.Flows.ClientCredentials.Scopes; !maps.Equal(got, want) {
		t.Errorf("the oauth scheme lists\n%v, the catalogue\n%v", got, want)
	}
	if got := slices.Sorted(slices.Values(doc.Components.Schemas.Scope.Enum)); !slices.Equal(got, scope.Default().All()) {
		t.Errorf("the schema Scope lists\n%v, the catalogue\n%v", got, scope.Default().All())
	}
	spellings := strings.Split(strings.TrimSuffix(strings.TrimPrefix(doc.Components.Schemas.ScopeSpelling.Pattern, "^("), ")$"), "|")
	for _, word := range append(scope.Default().All(), "read", "write", "admin", "campaigns:read", "keys:verify") {
		if !slices.Contains(spellings, word) {
			t.Errorf("the schema ScopeSpelling has no %q", word)
		}
	}
	for _, word := range spellings {
		if _, err := scope.Default().Parse([]string{word}); err != nil {
			t.Errorf("the schema ScopeSpelling has %q: %v", word, err)
		}
	}
}

func TestTheDocumentListsExactlyTheErrorCodesThatExist(t *testing.T) {
	var doc struct {
		Components struct {
			Schemas struct {
				Problem struct {
					Properties struct {
						Code struct{ Enum []string } `json:"error_code"`
					}
				}
			}
		}
	}
	if err := json.Unmarshal(document(scope.Default()), &doc); err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(root + "shared/problem/problem.go")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, found := range regexp.MustCompile(`(?:Code: |unauthorized\()"([A-Z_]+)"`).FindAllSubmatch(source, -1) {
		want = append(want, string(found[1]))
	}
	slices.Sort(want)
	if got := slices.Sorted(slices.Values(doc.Components.Schemas.Problem.Properties.Code.Enum)); !slices.Equal(got, want) {
		t.Errorf("the document lists\n%v, package problem\n%v", got, want)
	}
}

func TestADeployersOwnScopeIsDescribedWithoutAnEditOfTheDocument(t *testing.T) {
	own := append(scope.Default().Scopes(), scope.Scope{Name: "read:own", Description: "Their own"})
	described := string(describeScopes(written, own))
	if !strings.Contains(described, `"read:own":"Their own"`) {
		t.Error("the scope is not in the list with descriptions")
	}
	if !strings.Contains(described, `"read:own"]`) || !strings.Contains(described, `|own:read)$`) {
		t.Error("the scope is not in the list of names")
	}
}
