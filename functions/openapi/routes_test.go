package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/latchkey/latchkey/shared/scope"
)

const root = "../../"

// An operation is what these tests read of one in the document.
type operation struct {
	Security []map[string][]string `json:"security"`
	Scopes   map[string][]string   `json:"x-scopes"` // of a key and of a token: only OAuth's own schemes have scopes in OpenAPI
}

// atTheEdge are the security schemes that the authorizer checks.
var atTheEdge = []string{"token", "key", "keyHeader", "queryToken", "oauth"}

func (o operation) protected() bool {
	for _, alternative := range o.Security {
		for scheme := range alternative {
			if slices.Contains(atTheEdge, scheme) {
				return true
			}
		}
	}
	return false
}

// described is the document's operations by route: "GET /v1/projects".
func described(t *testing.T) map[string]operation {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]operation `json:"paths"`
	}
	if err := json.Unmarshal(document(scope.Default()), &doc); err != nil {
		t.Fatal(err)
	}
	operations := map[string]operation{}
	for path, methods := range doc.Paths {
		for method, o := range methods {
			operations[strings.ToUpper(method)+" "+path] = o
		}
	}
	return operations
}

// A route is one of template.yaml.
type route struct {
	folder    string // functions/<endpoint>
	protected bool   // the authorizer stands before it
}

// deployed is template.yaml's routes. OPTIONS is left out: a preflight is between
// browser and gateway, and no operation of the API.
func deployed(t *testing.T) map[string]route {
	t.Helper()
	text, err := os.ReadFile(root + "template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Properties struct {
				CodeURI string `yaml:"CodeUri"`
				Events  map[string]struct {
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
	routes := map[string]route{}
	for _, resource := range template.Resources {
		for _, event := range resource.Properties.Events {
			p := event.Properties
			if method := strings.ToUpper(p.Method); method != "OPTIONS" {
				routes[method+" "+p.Path] = route{filepath.Clean(resource.Properties.CodeURI), p.Auth.Authorizer != "NONE"}
			}
		}
	}
	return routes
}

func TestTemplateAndDocumentNameTheSameRoutes(t *testing.T) {
	inTemplate, inDocument := deployed(t), described(t)
	for name := range inTemplate {
		if _, ok := inDocument[name]; !ok {
			t.Errorf("%s is in template.yaml and not in openapi.json", name)
		}
	}
	for name := range inDocument {
		if _, ok := inTemplate[name]; !ok {
			t.Errorf("%s is in openapi.json and not in template.yaml", name)
		}
	}
}

func TestTemplateDocumentAndCodeAgreeOnWhatIsProtected(t *testing.T) {
	inDocument := described(t)
	for name, r := range deployed(t) {
		if o, ok := inDocument[name]; ok && o.protected() != r.protected {
			t.Errorf("%s: template.yaml says protected: %t, openapi.json says %t", name, r.protected, o.protected())
		}
		if inCode := strings.Contains(source(t, r.folder), "gateway.Protected("); inCode != r.protected {
			t.Errorf("%s: template.yaml says protected: %t, %s says %t", name, r.protected, r.folder, inCode)
		}
	}
}

func TestEveryEndpointIsDeployed(t *testing.T) {
	text, err := os.ReadFile(root + "template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob(root + "functions/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no functions: %v", err)
	}
	for _, folder := range folders {
		if uri := "CodeUri: functions/" + filepath.Base(folder) + "/"; !strings.Contains(string(text), uri) {
			t.Errorf("template.yaml has no %s", uri)
		}
	}
}

func source(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(root + folder + "/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no source: %v", folder, err)
	}
	var all strings.Builder
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
