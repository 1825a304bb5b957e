// Package template_test holds the promises of template.yaml, and of the templates that the
// documents and examples show, that no request to a running stack can prove.
package template_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

const root = "../../"

// A template is the part of a SAM template that the tests look at. An intrinsic function
// (!If, !Ref) reads as its argument.
type template struct {
	Parameters map[string]struct {
		Default any `yaml:"Default"`
	} `yaml:"Parameters"`
	Globals struct {
		Function struct {
			LoggingConfig struct {
				LogGroup string `yaml:"LogGroup"`
			} `yaml:"LoggingConfig"`
		} `yaml:"Function"`
	} `yaml:"Globals"`
	Resources map[string]resource `yaml:"Resources"`
}

// A resource is one of any type; its fields of other types are empty.
type resource struct {
	Type       string `yaml:"Type"`
	Properties struct {
		CodeURI    string           `yaml:"CodeUri"`
		MemorySize int              `yaml:"MemorySize"`
		Reserved   any              `yaml:"ReservedConcurrentExecutions"`
		Events     map[string]event `yaml:"Events"`
		Policies   any              `yaml:"Policies"`
		Namespace  string           `yaml:"Namespace"`
		MetricName string           `yaml:"MetricName"`
		Dimensions []struct {
			Value string `yaml:"Value"`
		} `yaml:"Dimensions"`
		KmsKeyID      any    `yaml:"KmsKeyId"`
		LogGroupName  string `yaml:"LogGroupName"`
		FilterPattern string `yaml:"FilterPattern"`
		LoggingConfig struct {
			LogGroup string `yaml:"LogGroup"`
		} `yaml:"LoggingConfig"`

		AlwaysDeploy   bool   `yaml:"AlwaysDeploy"`
		OpenAPIVersion string `yaml:"OpenApiVersion"`
		Auth           struct {
			Authorizers map[string]authorizer `yaml:"Authorizers"`
		} `yaml:"Auth"`
		GatewayResponses map[string]gatewayResponse `yaml:"GatewayResponses"`
	} `yaml:"Properties"`
}

// An event leads to a function.
type event struct {
	Type       string `yaml:"Type"`
	Properties struct {
		Method string `yaml:"Method"`
		Path   string `yaml:"Path"`
	} `yaml:"Properties"`
}

// An authorizer is one of an API's.
type authorizer struct {
	DisableFunctionDefaultPermissions bool `yaml:"DisableFunctionDefaultPermissions"`
}

// A gatewayResponse is an answer that API Gateway words itself.
type gatewayResponse struct {
	StatusCode         int `yaml:"StatusCode"`
	ResponseParameters struct {
		Headers map[string]any `yaml:"Headers"`
	} `yaml:"ResponseParameters"`
	ResponseTemplates map[string]string `yaml:"ResponseTemplates"`
}

// number is the default of a parameter.
func (p template) number(t *testing.T, name string) uint64 {
	t.Helper()
	n, ok := p.Parameters[name].Default.(uint64)
	if !ok {
		t.Fatalf("the parameter %s has the default %v", name, p.Parameters[name].Default)
	}
	return n
}

func parse(t *testing.T, name string, text []byte) template {
	t.Helper()
	var parsed template
	if err := yaml.Unmarshal(text, &parsed); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return parsed
}

func read(t *testing.T, name string) template {
	t.Helper()
	text, err := os.ReadFile(root + name)
	if err != nil {
		t.Fatal(err)
	}
	parsed := parse(t, name, text)
	if len(parsed.Resources) == 0 {
		t.Fatalf("%s reads as having no resources", name)
	}
	return parsed
}

// shown are the templates, whole or in part, in the documents and the examples, by where they stand.
func shown(t *testing.T) map[string]template {
	t.Helper()
	all := map[string]template{}
	examples, err := filepath.Glob(root + "examples/*/template.yaml")
	if err != nil || len(examples) == 0 {
		t.Fatalf("no example has a template: %v", err)
	}
	for _, path := range examples {
		name := strings.TrimPrefix(path, root)
		all[name] = read(t, name)
	}
	documents, err := filepath.Glob(root + "docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(documents, root+"README.md") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range strings.Split(string(text), "```yaml\n")[1:] {
			block, _, _ = strings.Cut(block, "```")
			if !strings.Contains(block, "Resources:") { // resources alone, as they stand below that word
				block = "Resources:\n" + block
			}
			all[filepath.Base(path)+" "+string(rune('1'+i))] = parse(t, path, []byte(block))
		}
	}
	return all
}
