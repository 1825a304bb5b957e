//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// runsCaller sends requests with one credential; "" is none.
type runsCaller struct {
	t          testing.TB
	credential string
}

// runsAnswer is what came back; body is nil where it is no JSON object.
type runsAnswer struct {
	status int
	header http.Header
	body   map[string]any
	text   string
}

func (c runsCaller) do(method, path, body string, header ...string) runsAnswer {
	c.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequest(method, os.Getenv("API_URL")+path, reader)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.credential != "" {
		req.Header.Set("Authorization", "Bearer "+c.credential)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := runsHTTP.Do(req)
	if err != nil {
		c.t.Fatalf("%s: %v", method, err) // without the URL: it may hold a token
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	a := runsAnswer{res.StatusCode, res.Header, nil, string(text)}
	_ = json.NewDecoder(bytes.NewReader(text)).Decode(&a.body)
	return a
}

var runsHTTP = &http.Client{Timeout: time.Minute}

func (c runsCaller) want(status int, method, path, body string, header ...string) runsAnswer {
	c.t.Helper()
	got := c.do(method, path, body, header...)
	if got.status != status {
		c.t.Fatalf("%s %s: %d %s, want %d", method, strings.SplitN(path, "?", 2)[0], got.status, got.text, status)
	}
	return got
}

// runsAdmin is the administrator, logged in once: logins to one account are limited.
func runsAdmin(t testing.TB) runsCaller {
	t.Helper()
	runsAdminOnce.Do(func() {
		runsAdminToken = runsLogin(t, "/v1/auth/login", "token", os.Getenv("ADMIN_EMAIL"), os.Getenv("ADMIN_PASSWORD")).credential
	})
	return runsCaller{t, runsAdminToken}
}

var (
	runsAdminOnce  sync.Once
	runsAdminToken string
)

func runsLogin(t testing.TB, path, field, email, password string) runsCaller {
	t.Helper()
	body := fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)
	got := runsCaller{t, ""}.want(200, "POST", path, body)
	return runsCaller{t, got.body[field].(string)}
}

// runsMember is a session of a user made for this test.
func runsMember(t testing.TB) runsCaller {
	t.Helper()
	email := fmt.Sprintf("runs-%d@example.com", time.Now().UnixNano())
	const password = "correct horse battery staple"
	runsAdmin(t).want(201, "POST", "/v1/auth/register", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
	return runsLogin(t, "/v1/auth/login", "token", email, password)
}

// key makes an API key with those fields besides its name; it returns the key's id too.
func (c runsCaller) key(fields string) (key runsCaller, id string) {
	c.t.Helper()
	got := c.want(201, "POST", "/v1/api-keys", `{"name":"runs test"`+fields+`}`)
	return runsCaller{c.t, got.body["key"].(string)}, got.body["id"].(string)
}

// run starts a run and returns its path.
func (c runsCaller) run() string {
	c.t.Helper()
	return "/v1/runs/" + c.want(201, "POST", "/v1/runs", "").body["id"].(string)
}
