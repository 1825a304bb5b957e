// Package documents_test holds the documents to what they say of the tests.
package documents_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../../"

// tests are the names of all Go tests in the repository.
func tests(t *testing.T) map[string]bool {
	t.Helper()
	declared, names := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark)\w+)\(`), map[string]bool{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name := entry.Name(); entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			names[m[1]] = true
		}
		return err
	})
	if err != nil || len(names) < 100 {
		t.Fatalf("%d tests were found: %v", len(names), err)
	}
	return names
}

var named = regexp.MustCompile(`\b(?:Test|Fuzz)[A-Z]\w+`)

func TestEveryTestThatADocumentNamesExists(t *testing.T) {
	exists, found := tests(t), 0
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/guides/*.md", "shared/token/rfc8725_test.go"} {
		paths, err := filepath.Glob(root + pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no document is called %s: %v", pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range named.FindAllString(string(text), -1) {
				found++
				if group := !strings.HasSuffix(path, "threat-model.md") && begins(exists, name); !exists[name] && !group {
					t.Errorf("%s names %s, and there is no such test", strings.TrimPrefix(path, root), name)
				}
			}
		}
	}
	if found < 80 {
		t.Errorf("only %d names were found", found)
	}
}

// begins reports whether a name is the beginning of several tests', which a document may mean.
func begins(exists map[string]bool, name string) bool {
	for one := range exists {
		if strings.HasPrefix(one, name) {
			return true
		}
	}
	return false
}

func TestEveryLineOfTheThreatModelNamesATest(t *testing.T) {
	text, err := os.ReadFile(root + "docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for line := range strings.SplitSeq(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 5 || strings.HasPrefix(line, "| Attacker") || strings.HasPrefix(line, "|---") {
			continue
		}
		lines++
		if last := strings.TrimSpace(cells[3]); last != "–" && !named.MatchString(last) {
			t.Errorf("no test shows this: %s", line)
		}
	}
	if lines < 25 {
		t.Errorf("only %d lines were found", lines)
	}
}
