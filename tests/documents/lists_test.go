package documents_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// read returns a file of the repository.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(root + path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestEveryPageIsInTheListOfDocuments holds for the site too, whose navigation is that list.
func TestEveryPageIsInTheListOfDocuments(t *testing.T) {
	list, found := read(t, "docs/README.md"), 0
	for _, pattern := range []string{"docs/*.md", "docs/guides/*.md"} {
		paths, err := filepath.Glob(root + pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			name := strings.TrimPrefix(path, root+"docs/")
			if name == "README.md" {
				continue
			}
			found++
			if !regexp.MustCompile(`(?m)^- \[[^\]]+\]\(` + regexp.QuoteMeta(name) + `\)`).MatchString(list) {
				t.Errorf("docs/README.md does not list %s: add `- [Its title](%s)` to a section", name, name)
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d pages were found", found)
	}
}

// matches returns what the pattern's first group matches, sorted.
func matches(pattern, text string) []string {
	var found []string
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		found = append(found, m[1])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func TestEveryErrorCodeIsExplainedOnceAndNoOther(t *testing.T) {
	codes := matches(`(?:Code: |unauthorized\()"([A-Z_]+)"`, read(t, "shared/problem/problem.go"))
	if len(codes) < 25 {
		t.Fatalf("only %d codes were found: %v", len(codes), codes)
	}
	page := read(t, "docs/errors.md")
	explained := matches(`(?m)^### ([A-Z_]+)\n\n[^\n]+\*\*Do\*\*: `, page)
	if !slices.Equal(explained, codes) {
		t.Errorf("docs/errors.md explains %v,\nshared/problem has %v", explained, codes)
	}
	if headings := strings.Count(page, "\n### "); headings != len(codes) {
		t.Errorf("docs/errors.md has %d headings for %d codes", headings, len(codes))
	}
	_, schema, _ := strings.Cut(read(t, "functions/openapi/openapi.json"), `"error_code": {`)
	schema, _, _ = strings.Cut(schema, "]")
	if enumerated := matches(`"([A-Z][A-Z_]+)"`, schema); !slices.Equal(enumerated, codes) {
		t.Errorf("the schema Problem of the OpenAPI document has %v,\nshared/problem has %v", enumerated, codes)
	}
}
