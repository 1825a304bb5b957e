package guard_test

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/latchkey/latchkey/clients/latchkey/guard"
	"github.com/latchkey/latchkey/tests/expect"
)

const resources = `Resources:
    Orders: # one function
        Type: AWS::Serverless::Function
        Properties:
            Events:
                List: {Type: Api, Properties: {Path: /orders, Method: get}}
                Health: {Type: Api, Properties: {Path: /health, Method: get, Auth: {Authorizer: NONE}}}
`

type template struct {
	Globals map[string]struct {
		AlwaysDeploy   bool `yaml:"AlwaysDeploy"`
		TracingEnabled bool `yaml:"TracingEnabled"`
		Timeout        int  `yaml:"Timeout"`
		Auth           struct {
			DefaultAuthorizer string                    `yaml:"DefaultAuthorizer"`
			Authorizers       map[string]map[string]any `yaml:"Authorizers"`
		} `yaml:"Auth"`
	} `yaml:"Globals"`
}

func guarded(t *testing.T, text string) (guard.Result, template) {
	t.Helper()
	r, err := guard.Template(text, "latchkey")
	if err != nil {
		t.Fatal(err)
	}
	var read template
	if err := yaml.Unmarshal([]byte(r.Text), &read); err != nil {
		t.Fatalf("%v\n%s", err, r.Text)
	}
	return r, read
}

func TestEveryFormOfGlobalsGetsTheAuthorizerAndKeepsItsOwnLines(t *testing.T) {
	for name, head := range map[string]string{
		"none":              "Transform: AWS::Serverless-2016-10-31\n\n",
		"for functions":     "Globals:\n    # of all\n    Function:\n        Timeout: 3\n\n",
		"for the API":       "Globals:\n  Function:\n    Timeout: 3\n  Api: # ours\n    TracingEnabled: true\n    OpenApiVersion: 3.0.1\n",
		"after a parameter": "Parameters:\n  Name:\n    Type: String\n",
	} {
		r, read := guarded(t, head+resources)
		api := read.Globals["Api"]
		expect.Same(t, name+": the default authorizer", api.Auth.DefaultAuthorizer, "Latchkey")
		expect.Same(t, name+": its payload", api.Auth.Authorizers["Latchkey"]["FunctionPayloadType"], any("REQUEST"))
		expect.Same(t, name+": that it is always deployed", api.AlwaysDeploy, true)
		expect.Same(t, name+": the version", strings.Contains(r.Text, "OpenApiVersion:"), strings.Contains(head, "OpenApiVersion:"))
		for line := range strings.Lines(head + resources) {
			if !strings.Contains(r.Text, line) {
				t.Errorf("%s: the line %q is gone", name, line)
			}
		}
		if strings.Contains(head, "Timeout") {
			expect.Same(t, name+": the functions' time-out", read.Globals["Function"].Timeout, 3)
		}
		expect.Same(t, name+": the number of open routes", len(r.Open), 1)
	}
}

func TestBothKindsOfAPIsGetTheirs(t *testing.T) {
	r, read := guarded(t, resources+"    Shop:\n        Type: AWS::Serverless::HttpApi\n")
	expect.Same(t, "what is guarded", strings.Join(r.Guarded, ", "), "REST API, HTTP API")
	expect.Same(t, "the payload", read.Globals["HttpApi"].Auth.Authorizers["Latchkey"]["AuthorizerPayloadFormatVersion"], any("2.0"))
	expect.Same(t, "the REST API's", read.Globals["Api"].Auth.DefaultAuthorizer, "Latchkey")
}

func TestTemplateThatIsGuardedStaysAsItIs(t *testing.T) {
	r, _ := guarded(t, resources)
	again, err := guard.Template(r.Text, "latchkey")
	expect.Same(t, "the error", err, nil)
	expect.Same(t, "that it was guarded", again.Already, true)
	expect.Same(t, "the text", again.Text, r.Text)
}

func TestTemplateThatNeedsAChoiceIsRefusedWithItsLineAndNotChanged(t *testing.T) {
	for text, want := range map[string]string{
		"Globals: {Function: {Timeout: 3}}\n" + resources:                           `line 1: "Globals: {Function: {Timeout: 3}}"`,
		"Globals:\n  Api:\n    Auth:\n      ApiKeyRequired: true\n" + resources:     "line 3: Globals has an Auth already",
		"Globals:\n  Api: {TracingEnabled: true}\n" + resources:                     "line 2:",
		resources + "    A:\n        Auth:\n            DefaultAuthorizer: Other\n": "line 10:",
		"Resources:\n  A: {Type: AWS::Lambda::Function}\n":                          "no API",
		`{"Resources": {}}`: "JSON",
		resources + "    A:\n        Type: AWS::Serverless::Api\n        Properties: {DefinitionUri: api.yaml}\n": "line 10: the API is defined elsewhere",
	} {
		r, err := guard.Template(text, "latchkey")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %q in it", err, want)
		}
		expect.Same(t, "the text", r.Text, text)
	}
}
