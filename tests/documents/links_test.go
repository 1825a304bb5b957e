package documents_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// TestEveryFileThatADocumentLinksExists reads the documents for people, and llms.txt for programs.
func TestEveryFileThatADocumentLinksExists(t *testing.T) {
	found := 0
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/guides/*.md", "docs/llms.txt"} {
		paths, err := filepath.Glob(root + pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no document is called %s: %v", pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range link.FindAllStringSubmatch(string(text), -1) {
				file, _, _ := strings.Cut(m[1], "#")
				if file == "" || strings.Contains(file, "://") {
					continue
				}
				found++
				if _, err := os.Stat(filepath.Join(filepath.Dir(path), file)); err != nil {
					t.Errorf("%s links %s, and there is no such file", strings.TrimPrefix(path, root), m[1])
				}
			}
		}
	}
	if found < 100 {
		t.Errorf("only %d links were found", found)
	}
}
