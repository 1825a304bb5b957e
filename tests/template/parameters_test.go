package template_test

import (
	"os"
	"testing"

	"github.com/goccy/go-yaml"
)

// Another stack finds in Parameter Store whatever it could import.
func TestEachExportIsAParameterToo(t *testing.T) {
	text, err := os.ReadFile(root + "template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Outputs map[string]struct {
			Value  any `yaml:"Value"`
			Export any `yaml:"Export"`
		} `yaml:"Outputs"`
		Resources map[string]struct {
			Type       string `yaml:"Type"`
			Properties struct {
				Type  string `yaml:"Type"`
				Name  string `yaml:"Name"`
				Tier  string `yaml:"Tier"`
				Value any    `yaml:"Value"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	exports := 0
	for name, output := range template.Outputs {
		parameter, ok := template.Resources[name+"Parameter"]
		if output.Export != nil {
			exports++
			if !ok {
				t.Errorf("the export %s is no parameter", name)
			}
		}
		if !ok {
			continue
		}
		p := parameter.Properties
		if parameter.Type != "AWS::SSM::Parameter" || p.Type != "String" || p.Tier != "" {
			t.Errorf("%sParameter is a %s of type %s and tier %q", name, parameter.Type, p.Type, p.Tier)
		}
		if p.Name != "/latchkey/${AWS::StackName}/"+name {
			t.Errorf("%sParameter is named %s", name, p.Name)
		}
	}
	if exports < 2 {
		t.Errorf("%d exports were found", exports)
	}
	for id, r := range template.Resources {
		if r.Type == "AWS::SSM::Parameter" {
			if _, ok := template.Outputs[id[:len(id)-len("Parameter")]]; !ok {
				t.Errorf("%s has the value of no output", id)
			}
		}
	}
}
