//go:build e2e

// Package traces_test takes the place of a collector of OpenTelemetry, and calls a deployment that sends its traces there.
// local/own_choices.py runs it, a step of `make test`.
package traces_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/caller"
	"github.com/latchkey/latchkey/tests/expect"
)

const within = time.Minute

// A span is what the test reads of one, from OTLP's JSON.
type span struct {
	TraceID, SpanID, Name              string
	StartTimeUnixNano, EndTimeUnixNano string
}

// A collector keeps the spans that it is sent, by their trace and name.
type collector struct {
	mu    sync.Mutex
	spans map[[2]string]span
	wrong []string
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var sent struct {
		ResourceSpans []struct {
			ScopeSpans []struct{ Spans []span }
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		c.wrong = append(c.wrong, err.Error())
	}
	if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.Header.Get("Api-Key") != "of-the-test" {
		c.wrong = append(c.wrong, "a request is a "+r.Method+" of "+r.Header.Get("Content-Type")+", or lacks the secret's header")
	}
	for _, of := range sent.ResourceSpans {
		for _, scope := range of.ScopeSpans {
			for _, s := range scope.Spans {
				c.spans[[2]string{s.TraceID, s.Name}] = s
			}
		}
	}
	_, _ = w.Write([]byte("{}"))
}

func (c *collector) await(t *testing.T, trace, name string) span {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		c.mu.Lock()
		s, ok := c.spans[[2]string{trace, name}]
		c.mu.Unlock()
		if ok {
			return s
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	t.Fatalf("no span %q of trace %s has come in %s; %d others have", name, trace, within, len(c.spans))
	return span{}
}

func variable(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: `make test` runs this", name)
	}
	return value
}

func listen(t *testing.T) *collector {
	t.Helper()
	at, err := url.Parse(variable(t, "TRACES_ENDPOINT"))
	if err != nil {
		t.Fatal(err)
	}
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", at.Host)
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{spans: map[[2]string]span{}}
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: c}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		for _, wrong := range c.wrong {
			t.Error(wrong)
		}
	})
	return c
}

func send(t *testing.T, base string, r caller.Request) caller.Answer {
	t.Helper()
	c, err := caller.New(base, 1)
	if err != nil {
		t.Fatal(err)
	}
	a, err := c.Send(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// field returns a member of an answer's JSON.
func field(t *testing.T, a caller.Answer, name string) string {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(a.Body, &all); err != nil {
		t.Fatalf("%v: %s", err, a.Body)
	}
	text, _ := all[name].(string)
	if text == "" {
		t.Fatalf("the answer %d has no %s: %s", a.Status, name, a.Body)
	}
	return text
}

// traceOf is the trace of a request, as docs/operations.md says.
func traceOf(requestID string) string {
	sum := sha256.Sum256([]byte(requestID))
	return hex.EncodeToString(sum[:16])
}

func TestARequestOfADeploymentIsOneTraceOfItsCheckAndItsFunction(t *testing.T) {
	c, base := listen(t), variable(t, "API_URL")
	login := send(t, base, caller.JSON(http.MethodPost, "/v1/auth/login", "",
		map[string]any{"email": variable(t, "ADMIN_EMAIL"), "password": variable(t, "ADMIN_PASSWORD")}))
	token := field(t, login, "token")
	answer := send(t, base, caller.Request{Method: http.MethodGet, Path: "/v1/users/usr_NOBODY", As: token})
	expect.Same(t, "the answer", answer.Status, 404)
	trace := traceOf(field(t, answer, "request_id"))
	check, request := c.await(t, trace, "check GET /v1/users/{id}"), c.await(t, trace, "GET /v1/users/{id}")
	if check.SpanID == request.SpanID {
		t.Errorf("both spans have the id %s", check.SpanID)
	}
	for _, s := range []span{check, request} {
		start, end := nanoseconds(t, s.StartTimeUnixNano), nanoseconds(t, s.EndTimeUnixNano)
		if end.Before(start) || time.Since(end) > within || end.Sub(start) > 30*time.Second {
			t.Errorf("the span %s is from %s to %s", s.Name, start, end)
		}
	}
	if nanoseconds(t, check.EndTimeUnixNano).After(nanoseconds(t, request.EndTimeUnixNano)) {
		t.Error("the check ends after the request that it let through")
	}
}

func TestTheCheckBeforeAnotherTeamsRouteIsTracedToo(t *testing.T) {
	c := listen(t)
	answer := send(t, variable(t, "EXAMPLE_API_URL"), caller.Request{Method: http.MethodGet, Path: "/api/campaigns", As: "no-key-at-all"})
	expect.Same(t, "the answer", answer.Status, 401)
	id := answer.Header.Get("X-Amzn-Requestid")
	if id == "" {
		t.Fatalf("the answer has no request id: %v", answer.Header)
	}
	c.await(t, traceOf(id), "check GET /api/campaigns")
}

func nanoseconds(t *testing.T, text string) time.Time {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Unix(0, n)
}
