// Package caller sends requests to a deployment as its callers do, for the programs of tests/requests
// and tests/soak, and for tests/ownscopes. It shares no code with what it calls.
package caller

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A Caller calls one deployment over connections that it keeps.
type Caller struct {
	base *url.URL
	http *http.Client
}

// Longest is how long an answer may take. API Gateway waits 29 seconds for a function, and before that for the authorizer.
const Longest = 60 * time.Second

// New makes a caller of the deployment at address, for so many requests at once.
func New(address string, atOnce int) (*Caller, error) {
	base, err := url.Parse(strings.TrimSuffix(address, "/"))
	if err != nil {
		return nil, fmt.Errorf("the deployment's address: %w", err)
	}
	return &Caller{base, &http.Client{
		Timeout:       Longest,
		Transport:     &http.Transport{MaxIdleConnsPerHost: atOnce, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// A Request is sent as it stands: neither its path nor the names of its headers are mended.
type Request struct {
	Method, Path string // with the query
	As           string // a credential, sent as a bearer's
	Header       http.Header
	Body         []byte
}

// An Answer is a whole response.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON returns a request whose body is v as JSON.
func JSON(method, path, as string, v any) Request {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // it is made of strings, numbers, maps and lists
	}
	return Request{Method: method, Path: path, As: as, Header: http.Header{"Content-Type": {"application/json"}}, Body: text}
}

// Form returns a POST with the form as its body.
func Form(path string, form url.Values) Request {
	return Request{Method: http.MethodPost, Path: path,
		Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(form.Encode())}
}

// Send sends a request once.
func (c *Caller) Send(ctx context.Context, r Request) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, c.base.String(), bytes.NewReader(r.Body))
	if err != nil {
		return Answer{}, err
	}
	req.URL = &url.URL{Scheme: c.base.Scheme, Host: c.base.Host, Opaque: c.base.Path + r.Path}
	for name, values := range r.Header {
		req.Header[name] = values
	}
	if r.As != "" {
		req.Header["Authorization"] = []string{"Bearer " + r.As}
	}
	res, err := c.http.Do(req)
	if err != nil {
		return Answer{}, err
	}
	body, err := io.ReadAll(res.Body)
	return Answer{res.StatusCode, res.Header, body}, errors.Join(err, res.Body.Close())
}

// Get sends a request that must have this status, and reads the body of its answer into v unless that is nil.
func (c *Caller) Get(ctx context.Context, r Request, status int, v any) error {
	a, err := c.Send(ctx, r)
	if err != nil {
		return fmt.Errorf("%s %s: %w", r.Method, r.Path, err)
	}
	if a.Status != status {
		return fmt.Errorf("%s %s: got %d, want %d: %.300s", r.Method, r.Path, a.Status, status, a.Body)
	}
	if v == nil {
		return nil
	}
	return json.Unmarshal(a.Body, v)
}
