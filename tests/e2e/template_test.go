//go:build e2e

package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// A route of template.yaml, with "" as the authorizer where the default stands.
type route struct{ method, resource, authorizer string }

func (r route) String() string { return r.method + " " + r.resource }

// pollResource is the one route that takes a token from its query.
const pollResource = "/v1/runs/{id}/events/stream"

// path is the resource with an id in it.
func (r route) path(id string) string { return strings.ReplaceAll(r.resource, "{id}", id) }

// routes are all events of type Api in template.yaml, but for preflights: a browser
// sends those without a credential, so they are public, and one function has them all.
func routes(t testing.TB) []route {
	t.Helper()
	text, err := os.ReadFile("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Properties struct {
				CodeURI string `yaml:"CodeUri"`
				Events  map[string]struct {
					Type       string `yaml:"Type"`
					Properties struct {
						Method string `yaml:"Method"`
						Path   string `yaml:"Path"`
						Auth   struct {
							Authorizer string `yaml:"Authorizer"`
						} `yaml:"Auth"`
					} `yaml:"Properties"`
				} `yaml:"Events"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	var all []route
	for _, resource := range template.Resources {
		for _, event := range resource.Properties.Events {
			p := event.Properties
			if event.Type == "Api" && (p.Method != "options" || resource.Properties.CodeURI != "functions/cors-preflight/") {
				all = append(all, route{strings.ToUpper(p.Method), p.Path, p.Auth.Authorizer})
			}
		}
	}
	if len(all) < 10 {
		t.Fatalf("template.yaml reads as having %d routes", len(all))
	}
	slices.SortFunc(all, func(a, b route) int { return strings.Compare(a.String(), b.String()) })
	return all
}

func protectedRoutes(t testing.TB) []route {
	t.Helper()
	return slices.DeleteFunc(routes(t), func(r route) bool { return r.authorizer == "NONE" })
}
