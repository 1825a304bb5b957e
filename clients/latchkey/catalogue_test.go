package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/scope/scopetest"
)

// checks runs the command on a catalogue. It returns how it ends, and all that it prints.
func checks(t *testing.T, text string, flags ...string) (exit int, printed string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "theirs.json")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	a := &app{out: &out, notes: &out}
	root := a.root()
	root.SetArgs(append([]string{"catalogue", "check", file}, flags...))
	if err := root.ExecuteContext(t.Context()); err != nil {
		var failed *failure
		if !errors.As(err, &failed) {
			t.Fatalf("it ended with %v", err)
		}
		return failed.exit, strings.ReplaceAll(err.Error(), file, "theirs.json")
	}
	return exitOK, strings.ReplaceAll(out.String(), file, "theirs.json")
}

func TestCatalogueCheckNamesTheLineOfAMistake(t *testing.T) {
	exit, printed := checks(t, "{\"scopes\": [\n{\"name\": \"read:x\"},\n{\"name\": \"read:y\", \"opens\": [\"GET /y/*/z\"]}]}")
	if exit != exitUsage || !strings.HasPrefix(printed, "theirs.json, line 3: ") {
		t.Errorf("exit %d: %s", exit, printed)
	}
}

func TestCatalogueCheckTellsWhatIsOpened(t *testing.T) {
	exit, printed := checks(t, `{"base_paths": ["/api"], "scopes": [{"name": "read:x"}]}`, "--base-path", "/v2")
	if exit != exitOK || !strings.Contains(printed, "GET /v2/x, GET /v2/x/*, HEAD /v2/x") || !strings.Contains(printed, "good: 7 scopes") {
		t.Errorf("exit %d: %s", exit, printed)
	}
	if strings.Contains(printed, "identity sources") {
		t.Errorf("it warns of a short policy: %s", printed)
	}
}

func TestCatalogueCheckWarnsOfAPolicyThatNoAnswerHolds(t *testing.T) {
	exit, printed := checks(t, scopetest.Resources(60))
	if exit != exitOK || !strings.Contains(printed, "make method and path identity sources too") {
		t.Errorf("exit %d: %s", exit, printed)
	}
}

func TestCatalogueCheckOfNoFileIsAMistake(t *testing.T) {
	a := &app{out: &bytes.Buffer{}, notes: &bytes.Buffer{}}
	root := a.root()
	root.SetArgs([]string{"catalogue", "check", filepath.Join(t.TempDir(), "none.json")})
	var failed *failure
	if err := root.ExecuteContext(t.Context()); !errors.As(err, &failed) || failed.exit != exitUsage {
		t.Errorf("it ended with %v", err)
	}
}
