package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	attempts    = 5
	firstWait   = 500 * time.Millisecond
	longestWait = time.Minute
	maxAnswer   = 8 << 20 // Lambda's is 6 MB
)

// A client sends requests to one deployment.
type client struct {
	base string
	http *http.Client
	wait func(context.Context, time.Duration, error) error // before a request is sent again; an error ends the attempts
}

// A call is one request. Its body is sent as a form if it is url.Values, as it is if it is lines, else as JSON.
type call struct {
	method, path string
	header       map[string]string
	body         any
	repeatable   bool // it may be carried out twice
}

func get(path string) call    { return call{method: "GET", path: path, repeatable: true} }
func put(path string) call    { return call{method: "PUT", path: path, repeatable: true} }
func remove(path string) call { return call{method: "DELETE", path: path, repeatable: true} }
func post(path string, body any) call {
	return call{method: "POST", path: path, body: body}
}

// sending returns the same call with a body.
func (call call) sending(body any) call {
	call.body = body
	return call
}

// with returns the same call with one more header.
func (call call) with(name, value string) call {
	header := maps.Clone(call.header)
	if header == nil {
		header = map[string]string{}
	}
	header[name] = value
	call.header = header
	return call
}

func newClient(base string, wait func(context.Context, time.Duration, error) error) *client {
	return &client{base, &http.Client{
		Timeout: 30 * time.Second,
		// The service never redirects; another server's redirect would get the credential.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, wait}
}

// checkedURL returns a deployment's address without a slash at its end. Credentials go over
// TLS, or stay on this machine.
func checkedURL(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return "", usage("%q is not the address of a deployment", text)
	}
	here := u.Hostname() == "localhost" || u.Hostname() == "127.0.0.1" || u.Hostname() == "::1"
	if u.Scheme != "https" && (u.Scheme != "http" || !here) {
		return "", usage("the address must begin with https:// (http:// is for this machine only)")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", usage("the address must have no user, query or fragment")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// send returns the body of a success. It waits for Retry-After first, then twice as long each
// time. After a 429 nothing was done, so it repeats every call, unless a quota is used up, which may last
// a month; after a lost answer or a 5xx only
// a repeatable one. API Gateway sends a 500 when a function crashed or was throttled.
func (c *client) send(ctx context.Context, call call) (json.RawMessage, error) {
	var wait time.Duration
	lost := false
	for attempt := 1; ; attempt++ {
		body, err := c.once(ctx, call)
		if err == nil || ctx.Err() != nil {
			return body, err
		}
		var r *refusal
		refused := errors.As(err, &r)
		if refused && r.status == http.StatusNotFound && lost && call.method == "DELETE" {
			return nil, nil // the attempt whose answer was lost had deleted it
		}
		unknown := !refused || r.status >= 500
		limited := refused && r.status == http.StatusTooManyRequests && r.Code != "QUOTA_EXCEEDED"
		if attempt == attempts || !limited && (!unknown || !call.repeatable) {
			return nil, err
		}
		lost = lost || unknown
		if refused && r.advanced() {
			attempt, wait = 0, 0
		}
		wait = nextWait(wait, r)
		if stop := c.wait(ctx, wait, err); stop != nil {
			return nil, stop
		}
	}
}

// advanced reports whether a request that was too long for one answer has done a part of it.
func (r *refusal) advanced() bool {
	for _, n := range r.Progress {
		if n > 0 {
			return true
		}
	}
	return false
}

func nextWait(before time.Duration, r *refusal) time.Duration {
	wait := min(2*before, longestWait)
	if r != nil {
		wait = max(wait, r.retryAfter)
	}
	return max(wait, firstWait)
}

func (c *client) once(ctx context.Context, call call) (json.RawMessage, error) {
	req, err := call.request(ctx, c.base)
	if err != nil {
		return nil, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return nil, err
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return nil, readRefusal(res, body)
	}
	if len(body) > 0 && !json.Valid(body) {
		return nil, fmt.Errorf("%s %s: the answer is not JSON", call.method, call.path)
	}
	return body, nil
}

func (call call) request(ctx context.Context, base string) (*http.Request, error) {
	var body []byte
	media := "application/json"
	switch b := call.body.(type) {
	case nil:
	case lines:
		media, body = "application/jsonl", b
	case url.Values:
		media, body = "application/x-www-form-urlencoded", []byte(b.Encode())
	default:
		var err error
		if body, err = json.Marshal(b); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, call.method, base+call.path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", media)
	}
	req.Header.Set("User-Agent", userAgent)
	for name, value := range call.header {
		req.Header.Set(name, value)
	}
	return req, nil
}

// segment returns an id for a path. An id of only dots would name another path.
func segment(id string) (string, error) {
	if id == "" || id == "." || id == ".." {
		return "", usage("%q is not an id", id)
	}
	return url.PathEscape(id), nil
}
