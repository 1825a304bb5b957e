//go:build e2e

package e2e

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

// A request is sent as it stands: its path keeps its percent-encoding.
type request struct {
	method, path string
	as           string // a credential, sent as a bearer's
	header       map[string]string
	body         any // a string as it is, url.Values as a form, anything else as JSON
}

type answer struct {
	asked  string // method and path, for messages
	status int
	header http.Header
	body   []byte
}

// send waits out a window that other requests have used up, as Retry-After asks.
func send(t testing.TB, r request) answer {
	t.Helper()
	return must(t, patient, r)
}

// sendOnce does not wait: a 429 is an answer.
func sendOnce(t testing.TB, r request) answer {
	t.Helper()
	return must(t, client, r)
}

func get(t testing.TB, as, path string) answer {
	t.Helper()
	return send(t, request{method: "GET", path: path, as: as})
}

func post(t testing.TB, as, path string, body any) answer {
	t.Helper()
	return send(t, request{method: "POST", path: path, as: as, body: body})
}

func must(t testing.TB, c *http.Client, r request) answer {
	t.Helper()
	a, err := try(t, c, r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// try is for goroutines, which may not end a test.
func try(t testing.TB, c *http.Client, r request) (answer, error) {
	return tryAt(t, c, apiURL, r)
}

func tryAt(t testing.TB, c *http.Client, base string, r request) (answer, error) {
	a := answer{asked: r.method + " " + r.path[:min(len(r.path), 120)]}
	body, media, err := r.encode()
	if err != nil {
		return a, err
	}
	req, err := http.NewRequestWithContext(t.Context(), r.method, base+r.path, strings.NewReader(body))
	if err != nil {
		return a, err
	}
	if r.body != nil {
		req.Header.Set("Content-Type", media)
	}
	if r.as != "" {
		req.Header.Set("Authorization", "Bearer "+r.as)
	}
	for name, value := range r.header {
		req.Header[name] = []string{value} // not Set, which would mend the name's case
	}
	res, err := c.Do(req)
	if err != nil {
		return a, err
	}
	a.body, err = io.ReadAll(res.Body)
	a.status, a.header = res.StatusCode, res.Header
	return worded(a), errors.Join(err, res.Body.Close())
}

func (r request) encode() (body, media string, err error) {
	switch b := r.body.(type) {
	case nil:
		return "", "", nil
	case string:
		return b, "application/json", nil
	case url.Values:
		return b.Encode(), "application/x-www-form-urlencoded", nil
	}
	text, err := json.Marshal(r.body)
	return string(text), "application/json", err
}

// is checks the status of a success.
func (a answer) is(t testing.TB, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: got %d, want %d\n%s", a.asked, a.status, status, a.body)
	}
	return a
}

// A problem is an error as docs/dialects.md has it.
type problem struct {
	Type      string  `json:"type"`
	Title     string  `json:"title"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail"`
	Code      string  `json:"error_code"`
	RequestID string  `json:"request_id"`
	Fields    []field `json:"fields"`
	OK        *bool   `json:"ok"`    // under /v1/
	Error     string  `json:"error"` // under /v1/
}

type field struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// refused checks status, error_code and all that every refusal must have.
func (a answer) refused(t testing.TB, status int, code string) problem {
	t.Helper()
	p := a.problem(t)
	if a.status != status {
		t.Fatalf("%s: got %d %s, want status %d\n%s", a.asked, a.status, p.Code, status, a.body)
	}
	if p.Code != code {
		t.Fatalf("%s: got %d %s, want error_code %s\n%s", a.asked, a.status, p.Code, code, a.body)
	}
	return p
}

// problem reads any refusal of a caller; a 5xx is none.
func (a answer) problem(t testing.TB) problem {
	t.Helper()
	if a.status < 400 || a.status > 499 {
		t.Fatalf("%s: got %d, want a 4xx\n%s", a.asked, a.status, a.body)
	}
	if got := a.header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("%s: %d with content type %q\n%s", a.asked, a.status, got, a.body)
	}
	if got := a.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("%s: %d with Cache-Control %q", a.asked, a.status, got)
	}
	p := decode[problem](t, a)
	expect.Same(t, a.asked+": type", p.Type, "about:blank")
	expect.Same(t, a.asked+": status", p.Status, a.status)
	for name, text := range map[string]string{"title": p.Title, "detail": p.Detail, "error_code": p.Code, "request_id": p.RequestID} {
		if text == "" {
			t.Errorf("%s: the problem has no %s: %s", a.asked, name, a.body)
		}
	}
	if strings.Contains(a.asked, " /v1/") {
		if p.OK == nil {
			t.Errorf("%s: the problem has no ok: %s", a.asked, a.body)
		} else {
			expect.Same(t, a.asked+": ok", *p.OK, false)
		}
		expect.Same(t, a.asked+": error", p.Error, p.Detail)
	}
	if (a.status == 422) != (len(p.Fields) > 0) {
		t.Errorf("%s: %d with fields %v", a.asked, a.status, p.Fields)
	}
	if asks := challenge(a.header); a.status == 401 && !strings.HasPrefix(asks, `Bearer realm="latchkey"`) {
		t.Errorf("%s: 401 with the challenge %q", a.asked, asks)
	}
	return p
}

func decode[T any](t testing.TB, a answer) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(a.body, &v); err != nil {
		t.Fatalf("%s: the body does not read as %T: %v\n%s", a.asked, v, err, a.body)
	}
	return v
}

// fields are those of a body that is a JSON object.
func (a answer) fields(t testing.TB) object {
	t.Helper()
	return decode[object](t, a)
}

// text is a field of the body that must be there, and a string.
func (a answer) text(t testing.TB, name string) string {
	t.Helper()
	text, ok := a.fields(t)[name].(string)
	if !ok {
		t.Fatalf("%s: %s is no string: %s", a.asked, name, a.body)
	}
	return text
}
