//go:build e2e

// Package scanning_test shows that the scanners' rules in docs/scanning find each credential that this
// service prints, with the scanners themselves. `make test` runs it; GITLEAKS and SECRETLINT name them.
package scanning_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/tests/expect"
)

const rules = "../../docs/scanning/"

// secrets returns one of each credential, by name.
func secrets(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, kind := range []apikey.Type{apikey.Scoped, apikey.Secret, apikey.ReadOnly} {
		found[string(kind)+" key"] = apikey.New(kind.Prefix(apikey.DefaultPrefix), apikey.NewID())
	}
	for _, prefix := range []string{"a_", "afk_live_", "abcdefghijklmno_"} {
		found["a key with the prefix "+prefix] = apikey.New(prefix, apikey.NewID())
	}
	for _, kind := range []token.Type{token.Session, token.Refresh, token.Client} {
		text, err := tokentest.Authority(t).Sign(t.Context(), token.Claims{Type: kind, ID: "usr_A", SessionID: "ses_A", RegisteredClaims: jwt.RegisteredClaims{
			Subject: "usr_A", ID: rand.Text(), IssuedAt: jwt.NewNumericDate(time.Now()), ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
		}})
		if err != nil {
			t.Fatal(err)
		}
		found["a "+string(kind)+" token"] = text
	}
	return found
}

// harmless are texts that look a little like one.
func harmless() map[string]string {
	full := apikey.New("gf_", apikey.NewID())
	return map[string]string{
		"a client key":                  apikey.New("ck_", apikey.NewID()),
		"the key in the documents":      "gf_4Hk0pQzXw2LmN8sTExampleOfASecretNotARealOne0aB3xY",
		"a placeholder":                 "gf_" + strings.Repeat("x", 52),
		"a masked key":                  apikey.Mask(full),
		"a key's id":                    full[3:19],
		"half of a key":                 full[:30],
		"a key in a longer word":        full + "A",
		"a hash":                        strings.Repeat("0123456789abcdef", 4),
		"a name":                        "this_is_a_long_name_of_a_function_in_some_program_that_nobody_wrote",
		"the beginning of a JWT's head": "eyJhbGciOiJIUzI1NiIs...",
	}
}

// folder writes each text to a file of its name, as a program or a setting might hold it.
func folder(t *testing.T, texts map[string]string) string {
	t.Helper()
	at := t.TempDir()
	for name, text := range texts {
		for ending, line := range map[string]string{".env": "SERVICE=" + text, ".js": `connect("` + text + `", 7);`, ".md": "`" + text + "`"} {
			if err := os.WriteFile(filepath.Join(at, strings.ReplaceAll(name, " ", "-")+ending), []byte(line+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return at
}

// files returns the names of those files without their endings in which a scanner found something, in each ending.
func files(t *testing.T, paths []string) []string {
	t.Helper()
	endings := map[string]map[string]bool{}
	for _, path := range paths {
		name := filepath.Base(path)
		ending := filepath.Ext(name)
		name = strings.ReplaceAll(strings.TrimSuffix(name, ending), "-", " ")
		if endings[name] == nil {
			endings[name] = map[string]bool{}
		}
		endings[name][ending] = true
	}
	var found []string
	for name, in := range endings {
		if len(in) != 3 {
			t.Errorf("%s was found in %v only", name, in)
		}
		found = append(found, name)
	}
	slices.Sort(found)
	return found
}

func tool(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Fatalf("%s is not set: `make test` runs this", variable)
	}
	return path
}

func gitleaks(t *testing.T, folder string) []string {
	t.Helper()
	report := filepath.Join(t.TempDir(), "report.json")
	cmd := exec.CommandContext(t.Context(), tool(t, "GITLEAKS"), "dir", folder, "--config", rules+"gitleaks.toml", "--no-banner", "--exit-code=0", "--report-path", report)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	var all []struct{ File string }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, one := range all {
		paths = append(paths, one.File)
	}
	return files(t, paths)
}

func secretlint(t *testing.T, folder string) []string {
	t.Helper()
	config, err := filepath.Abs(rules + "secretlint.json")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), tool(t, "SECRETLINT"), "--secretlintrc", config, "--format=json", "--no-color", "*")
	cmd.Dir = folder
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output() // it ends with 1 if it found something
	var all []struct {
		FilePath string
		Messages []any
	}
	if json.Unmarshal(out, &all) != nil {
		t.Fatalf("%v\n%s%s", err, out, said.String())
	}
	var paths []string
	for _, one := range all {
		if len(one.Messages) > 0 {
			paths = append(paths, one.FilePath)
		}
	}
	return files(t, paths)
}

func TestScannersFindEachCredentialAndNothingThatIsNone(t *testing.T) {
	all, none := secrets(t), harmless()
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for name, scan := range map[string]func(*testing.T, string) []string{"gitleaks": gitleaks, "secretlint": secretlint} {
		expect.Same(t, name+" finds", strings.Join(scan(t, folder(t, all)), ", "), strings.Join(names, ", "))
		expect.Same(t, name+" finds where there is none", strings.Join(scan(t, folder(t, none)), ", "), "")
	}
}
