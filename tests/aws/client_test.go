//go:build e2e

package aws

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

var client = &http.Client{Timeout: 60 * time.Second}

// A request to the probe, with what its function and its authorizer shall do.
type request struct {
	method, path         string
	url, host            string // in the place of the path, where it is not one of Api's
	header               map[string]string
	function, authorizer map[string]any // orders, see probe/main.go; none is an echo, and leave
	body                 string
}

type answer struct {
	asked  string
	status int
	header http.Header
	body   string
}

func get(path string) request { return request{method: http.MethodGet, path: path} }

// told is the request with an order to the function.
func (r request) told(o map[string]any) request { r.function = o; return r }

// judged is the request with an order to the authorizer.
func (r request) judged(o map[string]any) request { r.authorizer = o; return r }

// with is the request with a header.
func (r request) with(name, value string) request {
	header := map[string]string{name: value}
	for n, v := range r.header {
		header[n] = v
	}
	r.header = header
	return r
}

func send(t testing.TB, r request) answer {
	t.Helper()
	url := r.url
	if url == "" {
		url = probe.URL + r.path
	}
	ctx := context.WithoutCancel(t.Context()) // a clean-up sends too
	req, err := http.NewRequestWithContext(ctx, r.method, url, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Host = r.host
	for name, o := range map[string]map[string]any{"X-Probe": r.function, "X-Probe-Authorizer": r.authorizer} {
		if o != nil {
			text, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set(name, string(text))
		}
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	return do(t, req)
}

func do(t testing.TB, req *http.Request) answer {
	t.Helper()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return answer{req.Method + " " + req.URL.String(), res.StatusCode, res.Header, string(body)}
}

// is checks the status.
func (a answer) is(t testing.TB, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("%s: got %d, want %d\n%s", a.asked, a.status, status, a.body)
	}
	return a
}

// has checks a header.
func (a answer) has(t testing.TB, name, want string) answer {
	t.Helper()
	if got := a.header.Get(name); got != want {
		t.Errorf("%s: %s is %q, want %q", a.asked, name, got, want)
	}
	return a
}

// says checks the body.
func (a answer) says(t testing.TB, want string) answer {
	t.Helper()
	if a.body != want {
		t.Errorf("%s: the body is %q, want %q", a.asked, a.body, want)
	}
	return a
}
