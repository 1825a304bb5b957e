package scope

import (
	"strings"
	"testing"
)

func TestTheCatalogueOfThisBuildIsValid(t *testing.T) {
	if _, err := Compose(BuiltIn, embedded); err != nil {
		t.Fatal(err)
	}
}

func TestAMistakeInTheCatalogueIsToldWithItsLine(t *testing.T) {
	for _, tt := range []struct{ name, text, line, says string }{
		{"syntax", "{\n\"base_paths\": [\"/api\"\n\"scopes\": []}", "line 3", "invalid"},
		{"cut short", "{\n\"scopes\": [", "line 2", "EOF"},
		{"more than one", "{}\n{}", "line 2", "follows"},
		{"not an object", "[]", "line 1", "an object"},
		{"unknown field", "{\n\"scops\": []}", "line 2", `"scops"`},
		{"unknown field of a scope", "{\"scopes\": [\n{\"name\": \"read:x\",\n\"open\": []}]}", "line 3", `"open"`},
		{"field twice", "{\"scopes\": [],\n\"scopes\": []}", "line 2", "twice"},
		{"no list", "{\n\"scopes\": {}}", "line 2", "a list"},
		{"no text", "{\"scopes\": [\n{\"name\": 7}]}", "line 2", "7 is not a text"},
		{"no name", "{\"scopes\": [\n{}]}", "line 2", "no name"},
		{"action", "{\"scopes\": [\n{\"name\": \"list:x\"}]}", "line 2", `"list:x"`},
		{"scope twice", "{\"scopes\": [\n{\"name\": \"read:x\"},\n{\"name\": \"read:x\"}]}", "line 3", "twice"},
		{"kind of principal", "{\"principals\": {\n\"robot\": []}}", "line 2", `"robot"`},
		{"method", scopeOpens("FETCH /x"), "line 3", "METHOD /path"},
		{"no path", scopeOpens("GET "), "line 3", "start with /"},
		{"relative path", scopeOpens("GET x"), "line 3", "start with /"},
		{"part of a segment", scopeOpens("GET /x*"), "line 3", "whole last segment"},
		{"star in the middle", scopeOpens("GET /x/*/y"), "line 3", "whole last segment"},
		{"two stars", scopeOpens("GET /x/*/*"), "line 3", "whole last segment"},
		{"another parameter", scopeOpens("GET /x/{id}"), "line 3", "{project_id}"},
		{"half a parameter", scopeOpens("GET /x/p{project_id}"), "line 3", "{project_id}"},
		{"two runs", scopeOpens("GET /x/{run_id}/{run_id}"), "line 3", "one {run_id}"},
		{"a run and a star", scopeOpens("GET /x/{run_id}/*"), "line 3", "one {run_id}"},
		{"half a run", scopeOpens("GET /x/r{run_id}"), "line 3", "{run_id}"},
		{"dots", scopeOpens("GET /x/../y"), "line 3", ".."},
		{"trailing slash", scopeOpens("GET /x/"), "line 3", "empty"},
		{"single-character wildcard", scopeOpens("GET /x?"), "line 3", "A-Z"},
		{"percent", scopeOpens("GET /x/%2e"), "line 3", "A-Z"},
		{"too long", scopeOpens("GET /" + strings.Repeat("x", 400)), "line 3", "300"},
		{"base path", "{\n\"base_paths\": [\"api\"]}", "line 2", "start with /"},
		{"base path with a star", "{\n\"base_paths\": [\"/*\"]}", "line 2", "no *"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseCatalogue([]byte(tt.text))
			if err == nil {
				t.Fatal("no mistake was found")
			}
			if got := err.Error(); !strings.Contains(got, tt.line+":") {
				t.Errorf("got %q, want it to name %s", got, tt.line)
			}
			if got := err.Error(); !strings.Contains(got, tt.says) {
				t.Errorf("got %q, want it to name %s", got, tt.says)
			}
		})
	}
}

func scopeOpens(route string) string {
	return "{\"scopes\": [{\"name\": \"read:x\",\n\"opens\": [\n\"" + route + "\"]}]}"
}

func TestAScopeThatListsRoutesOpensOnlyThose(t *testing.T) {
	c := parse(t, `{"base_paths": ["/api"], "scopes": [{"name": "read:x", "opens": ["GET /y/*", "GET /"]}, {"name": "read:none", "opens": []}]}`)
	wantRoutes(t, c.Opens("read:x"), "GET /y/*", "GET /")
	wantRoutes(t, c.Opens("read:none"))
}

func TestBasePathsOfTheDeploymentStandInForThoseOfTheFile(t *testing.T) {
	text := `{"base_paths": ["/api"], "scopes": [{"name": "read:x"}]}`
	c, err := ParseCatalogue([]byte(text), "/v2", "/shop/v1")
	if err != nil {
		t.Fatal(err)
	}
	wantRoutes(t, c.Opens("read:x"), "GET /v2/x", "GET /v2/x/*", "HEAD /v2/x", "HEAD /v2/x/*",
		"GET /shop/v1/x", "GET /shop/v1/x/*", "HEAD /shop/v1/x", "HEAD /shop/v1/x/*")
	if _, err := ParseCatalogue([]byte(text), "/v2/*"); err == nil {
		t.Error("a base path with a star was taken")
	}
}

func TestAProjectInAPathIsTheCallersOwn(t *testing.T) {
	c := parse(t, `{"scopes": [{"name": "read:x", "opens": ["GET /projects/{project_id}/x/*"]}]}`)
	got := c.Opens("read:x")[0].In("prj_A")
	if want := (Route{"GET", "/projects/prj_A/x/*"}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestARunInAPathIsAnyRun(t *testing.T) {
	c := parse(t, `{"scopes": [{"name": "read:x", "opens": ["GET /{project_id}/runs/{run_id}/x"]}]}`)
	got := c.Opens("read:x")[0].In("prj_A")
	if want := (Route{"GET", "/prj_A/runs/*/x"}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func parse(t *testing.T, text string) *Catalogue {
	t.Helper()
	c, err := ParseCatalogue([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func wantRoutes(t *testing.T, got []Route, want ...string) {
	t.Helper()
	var lines []string
	for _, r := range got {
		lines = append(lines, r.Method+" "+r.Path)
	}
	if strings.Join(lines, ", ") != strings.Join(want, ", ") {
		t.Errorf("got %v, want %v", lines, want)
	}
}
