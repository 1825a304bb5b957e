// Package catalogue_test holds the promise that a deployer adds a scope in
// shared/scope/catalogue.json, and nowhere else.
package catalogue_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module    = "github.com/latchkey/latchkey"
	catalogue = "shared/scope/catalogue.json"
)

// The tests of every package that imports shared/scope run again, with a catalogue of 60 resources, each with a scope
// to read and a scope to write. The file itself does not change: the go command's overlay replaces it.
func TestScopesAddedInTheCatalogueAloneLeaveTheTestsGreen(t *testing.T) {
	names := []string{"read:invoices", "write:invoices"}
	for i := range 53 { // beside the six and a half that are there
		names = append(names, fmt.Sprintf("read:resource-%02d", i), fmt.Sprintf("write:resource-%02d", i))
	}
	staysGreen(t, withScopes(t, names...))
}

func staysGreen(t *testing.T, catalogue []byte) {
	t.Helper()
	packages := readers(t)
	if len(packages) < 10 {
		t.Fatalf("only these packages import shared/scope: %v", packages)
	}
	noteSources(t)
	out, err := goCommand(t, append([]string{"test", "-vet=off", "-overlay", overlayOf(t, catalogue)}, packages...)...)
	if err != nil {
		t.Errorf("the tests fail: %v\n%s", err, out)
	}
}

// withScopes returns the catalogue with more scopes, each with the routes of the convention.
func withScopes(t *testing.T, names ...string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../" + catalogue)
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]json.RawMessage
	var scopes []map[string]any
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file["scopes"], &scopes); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		scopes = append(scopes, map[string]any{"name": name, "description": "A deployer's own"})
	}
	return encode(t, map[string]any{"base_paths": file["base_paths"], "scopes": scopes})
}

// overlayOf writes the file that tells the go command to read this catalogue in place of ours.
func overlayOf(t *testing.T, text []byte) string {
	t.Helper()
	ours, err := filepath.Abs("../../" + catalogue)
	if err != nil {
		t.Fatal(err)
	}
	theirs := write(t, "catalogue.json", text)
	return write(t, "overlay.json", encode(t, map[string]any{"Replace": map[string]string{ours: theirs}}))
}

// carrier brings the published catalogue to shared/scope, and reads nothing of it. Its tests take minutes.
const carrier = module + "/shared/store"

// readers lists the packages that import shared/scope, or whose tests do, and shared/scope; without the carrier.
func readers(t *testing.T) []string {
	t.Helper()
	out, err := goCommand(t, "list", "-f", "{{.ImportPath}} {{.Imports}} {{.TestImports}} {{.XTestImports}}", module+"/...")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	packages := []string{module + "/shared/scope"}
	for line := range strings.Lines(out) {
		words := strings.Fields(strings.NewReplacer("[", " ", "]", " ").Replace(line))
		if slices.Contains(words[1:], module+"/shared/scope") && words[0] != carrier {
			packages = append(packages, words[0])
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(packages)))
}

// noteSources looks at every Go file. The go command caches the result of a test until a file that
// the test looked at changes, and does not know what the inner go command reads.
func noteSources(t *testing.T) {
	t.Helper()
	for _, folder := range []string{"authorizer", "functions", "shared"} {
		err := filepath.WalkDir("../../"+folder, func(path string, _ fs.DirEntry, err error) error {
			if err == nil {
				_, err = os.Stat(path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func goCommand(t *testing.T, arguments ...string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", arguments...)
	command.Env = append(os.Environ(), "CGO_ENABLED=0") // as the functions are compiled
	out, err := command.CombinedOutput()
	return string(out), err
}

func encode(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func write(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
