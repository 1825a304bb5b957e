package release_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/latchkey/latchkey/shared/release"
)

// places are all that say the version, with what stands around it.
var places = []struct{ file, pattern string }{
	{"functions/openapi/openapi.json", `"title": "Latchkey",\s+"version": "(.+?)"`},
	{"functions/openapi/openapi.json", `"status": "ok", "version": "(.+?)"`},
	{"template.yaml", `\n  Latchkey:\n    Version: "(.+?)"`},
	{"template.yaml", `\n  Version:\n    Description: .+\n    Value: "(.+?)"`},
	{"template.yaml", `SemanticVersion: (.+)`},
	{"clients/terraform/deployment/variables.tf", `latchkey-(.+?)\.yaml`},
	{"clients/terraform/README.md", `latchkey-([0-9][0-9.]*)\.yaml`},
	{"clients/*/package.json", `"name": "@latchkey/.+",\s+"version": "(.+?)"`},
	{"clients/*/package-lock.json", `"name": "@latchkey/.+",\s+"version": "(.+?)"`},
	{"clients/python/src/latchkey/_version.py", `VERSION = "(.+?)"`},
	{"clients/typescript/README.md", `latchkey-client-(.+?)\.tgz`},
	{"clients/cdk/README.md", `latchkey-cdk-(.+?)\.tgz`},
	{"docs/guides/servers.md", `latchkey-client-(.+?)\.tgz`},
	{"docs/guides/cdk.md", `latchkey-cdk-(.+?)\.tgz`},
}

func TestEveryPlaceThatSaysTheVersionSaysTheSame(t *testing.T) {
	for _, place := range places {
		files, err := filepath.Glob("../../" + place.file)
		if err != nil || len(files) == 0 {
			t.Fatalf("there is no %s (%v)", place.file, err)
		}
		for _, file := range files {
			found := regexp.MustCompile(place.pattern).FindAllSubmatch(read(t, file), -1)
			if len(found) == 0 {
				t.Errorf("%s does not say the version as %s", file, place.pattern)
			}
			for _, one := range found {
				if said := string(one[1]); said != release.Version && said != "" {
					t.Errorf("%s says %s, and shared/release %s", file, said, release.Version)
				}
			}
		}
	}
}

func TestChangelogTellsWhatThisReleaseChanges(t *testing.T) {
	heading := regexp.MustCompile(`(?m)^## \[` + regexp.QuoteMeta(release.Version) + `\] - \d{4}-\d\d-\d\d\n+(?:.+\n+)*?### `)
	if !heading.Match(read(t, "../../CHANGELOG.md")) {
		t.Errorf("CHANGELOG.md has no entry for %s with a date and a section", release.Version)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
