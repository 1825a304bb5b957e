//go:build e2e

package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var binary, apiURL, adminEmail, adminPassword string

func TestMain(m *testing.M) {
	apiURL, adminEmail, adminPassword = os.Getenv("API_URL"), os.Getenv("ADMIN_EMAIL"), os.Getenv("ADMIN_PASSWORD")
	if apiURL == "" || adminEmail == "" || adminPassword == "" {
		fmt.Fprintln(os.Stderr, "no API_URL, ADMIN_EMAIL and ADMIN_PASSWORD: run `make start`, then `set -a; . .local/env; set +a`")
		os.Exit(1)
	}
	folder, err := os.MkdirTemp("", "latchkey")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(folder, "latchkey")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(folder)
	os.Exit(code)
}

// A home is somebody's settings folder, and what else is in the environment.
type home struct {
	folder string
	env    []string
}

func newHome(t *testing.T, env ...string) home {
	t.Helper()
	return home{t.TempDir(), env}
}

// signedIn is the administrator's home in each test of its own: to be signed in is the
// file, and logins are limited.
func signedIn(t *testing.T) home {
	t.Helper()
	first.Do(func() {
		h := newHome(t)
		h.run(t, adminPassword, "login", "--email", adminEmail, "--password-stdin").is(t, 0)
		text, err := os.ReadFile(h.file())
		if err != nil {
			t.Fatal(err)
		}
		firstCredentials = text
	})
	h := newHome(t)
	h.keep(t, firstCredentials)
	return h
}

var (
	first            sync.Once
	firstCredentials []byte
)

func (h home) file() string { return filepath.Join(h.folder, "latchkey", "credentials.json") }

func (h home) keep(t *testing.T, credentials []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(h.file()), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(h.file(), credentials, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (h home) kept(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(h.file())
	if err != nil {
		t.Fatal(err)
	}
	var kept map[string]string
	if err := json.Unmarshal(text, &kept); err != nil {
		t.Fatal(err)
	}
	return kept
}

// change changes one field of the credentials.
func (h home) change(t *testing.T, field, value string) {
	t.Helper()
	kept := h.kept(t)
	kept[field] = value
	text, err := json.Marshal(kept)
	if err != nil {
		t.Fatal(err)
	}
	h.keep(t, text)
}

// expire makes the command believe that its access token has expired.
func (h home) expire(t *testing.T) {
	t.Helper()
	h.change(t, "expires_at", "2020-01-01T00:00:00Z")
}

func (h home) command(stdin string, args ...string) *exec.Cmd {
	c := exec.Command(binary, args...)
	c.Env = append([]string{"HOME=" + h.folder, "XDG_CONFIG_HOME=" + h.folder, "LATCHKEY_URL=" + apiURL}, h.env...)
	c.Stdin = strings.NewReader(stdin)
	return c
}

// indexLag is longer than lists lag behind what was written (docs/aws.md, row 10).
const indexLag = 120 * time.Millisecond

type result struct {
	args        string
	exit        int
	out, errors string
}

func (h home) run(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	if slices.Contains(args, "list") {
		time.Sleep(indexLag)
	}
	c := h.command(stdin, args...)
	var out, errors bytes.Buffer
	c.Stdout, c.Stderr = &out, &errors
	err := c.Run()
	if c.ProcessState == nil {
		t.Fatal(err)
	}
	return result{strings.Join(args, " "), c.ProcessState.ExitCode(), out.String(), errors.String()}
}

func (r result) is(t *testing.T, exit int) result {
	t.Helper()
	if r.exit != exit {
		t.Fatalf("latchkey %s: ended with %d, want %d\n%s%s", r.args, r.exit, exit, r.out, r.errors)
	}
	return r
}

func decode[T any](t *testing.T, r result) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(r.out), &v); err != nil {
		t.Fatalf("latchkey %s: %v\n%s", r.args, err, r.out)
	}
	return v
}

type key struct{ ID, Key, Label, Status string }

// newKey makes a key that is deleted when the test ends.
func (h home) newKey(t *testing.T, args ...string) key {
	t.Helper()
	k := decode[key](t, h.run(t, "", append([]string{"keys", "create", "cli test", "--json"}, args...)...).is(t, 0))
	t.Cleanup(func() { h.run(t, "", "keys", "delete", k.ID) })
	return k
}

// api sends a request without the command, and gives the status and the answer's fields.
func api(t *testing.T, method, path, credential, body string) (int, map[string]any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, apiURL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+credential)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	_ = json.Unmarshal(text, &fields) // a list has none
	return res.StatusCode, fields
}
