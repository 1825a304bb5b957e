package template_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/latchkey/latchkey/shared/release"
	"github.com/latchkey/latchkey/tests/expect"
)

// https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-template-publishing-applications-metadata-properties.html
func TestTheServerlessApplicationRepositoryTakesTheTemplate(t *testing.T) {
	text, err := os.ReadFile(root + "template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Metadata struct {
			Application struct {
				Name            string   `yaml:"Name"`
				Description     string   `yaml:"Description"`
				Author          string   `yaml:"Author"`
				SpdxLicenseID   string   `yaml:"SpdxLicenseId"`
				LicenseURL      string   `yaml:"LicenseUrl"`
				ReadmeURL       string   `yaml:"ReadmeUrl"`
				Labels          []string `yaml:"Labels"`
				SemanticVersion string   `yaml:"SemanticVersion"`
			} `yaml:"AWS::ServerlessRepo::Application"`
		} `yaml:"Metadata"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	app := template.Metadata.Application
	expect.Same(t, "the version", app.SemanticVersion, release.Version)
	expect.Same(t, "the licence", app.SpdxLicenseID, "Apache-2.0")
	for what, is := range map[string]bool{
		"name":        regexp.MustCompile(`^[a-zA-Z0-9-]{1,140}$`).MatchString(app.Name),
		"description": len(app.Description) >= 1 && len(app.Description) <= 256,
		"author":      regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,125}[a-z0-9])?$`).MatchString(app.Author),
		"labels":      len(app.Labels) >= 1 && len(app.Labels) <= 10,
	} {
		if !is {
			t.Errorf("the repository refuses the %s: %+v", what, app)
		}
	}
	for _, label := range app.Labels {
		if !regexp.MustCompile(`^[a-zA-Z0-9+\-_:/@]{1,127}$`).MatchString(label) {
			t.Errorf("the repository refuses the label %s", label)
		}
	}
	for _, file := range []string{app.LicenseURL, app.ReadmeURL} {
		if info, err := os.Stat(root + file); err != nil || info.Size() > 5<<20 {
			t.Errorf("%s: %v, or more than 5 MB", file, err)
		}
	}
}
