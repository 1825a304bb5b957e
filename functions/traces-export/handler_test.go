package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/verification"
	"github.com/latchkey/latchkey/tests/expect"
)

// A vault is Secrets Manager with one secret.
type vault struct {
	text  string
	reads int
}

func (v *vault) GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	v.reads++
	return &secretsmanager.GetSecretValueOutput{SecretString: &v.text}, nil
}

// A receiver is a collector that keeps what it is sent.
type receiver struct {
	*httptest.Server
	status int
	header http.Header
	body   string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: 200}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		text, err := io.ReadAll(request.Body)
		if err != nil {
			t.Error(err)
		}
		r.header, r.body = request.Header, string(text)
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) secret() string {
	return fmt.Sprintf(`{"endpoint": "%s/v1/traces", "headers": {"Api-Key": "s3cret"}}`, r.URL)
}

// printed are the lines that the functions themselves print: of a request, and of the check before it.
func printed(t *testing.T) []string {
	t.Helper()
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, nil)))
	defer slog.SetDefault(before)
	verification.Check{
		RequestID: "r-1", Route: "GET /v1/auth/me", API: "abc/prod", Address: "192.0.2.7", UserAgent: "curl/8",
		Key: &apikey.Key{ID: "0123456789abcdef", Owner: "usr_A", Project: "prj_A"}, Proven: true, At: time.Now(), Took: 3 * time.Millisecond,
	}.Print(t.Context())
	refused := gateway.Unlimited(func(context.Context, *gateway.Request) (gateway.Response, error) {
		return gateway.Response{}, problem.NotFound
	})
	if _, err := refused(t.Context(), events.APIGatewayProxyRequest{
		HTTPMethod: "GET", Resource: "/v1/auth/me", Headers: map[string]string{"User-Agent": "curl/8"},
		RequestContext: events.APIGatewayProxyRequestContext{RequestID: "r-1", Identity: events.APIGatewayRequestIdentity{SourceIP: "192.0.2.7"}},
	}); err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

func delivery(t *testing.T, lines ...string) events.CloudwatchLogsEvent {
	t.Helper()
	data := events.CloudwatchLogsData{MessageType: "DATA_MESSAGE"}
	for _, text := range lines {
		data.LogEvents = append(data.LogEvents, events.CloudwatchLogsLogEvent{Message: text})
	}
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err = w.Write(text); err != nil {
		t.Fatal(err)
	}
	if err = w.Close(); err != nil {
		t.Fatal(err)
	}
	return events.CloudwatchLogsEvent{AWSLogs: events.CloudwatchLogsRawData{Data: base64.StdEncoding.EncodeToString(packed.Bytes())}}
}

func TestARequestAndItsCheckAreSpansOfOneTrace(t *testing.T) {
	r := newReceiver(t)
	h := handler{"latchkey", 100, newCollector(&vault{text: r.secret()}, "arn")}
	if err := h.serve(t.Context(), delivery(t, append(printed(t), `{"msg":"uses counted"}`, "START RequestId: 1")...)); err != nil {
		t.Fatal(err)
	}
	var sent struct {
		ResourceSpans []struct {
			Resource   struct{ Attributes []attribute }
			ScopeSpans []struct {
				Spans []struct {
					TraceID, SpanID, Name              string
					Kind                               int
					Status                             struct{ Code int }
					StartTimeUnixNano, EndTimeUnixNano string
					Attributes                         []attribute
				}
			}
		}
	}
	if err := json.Unmarshal([]byte(r.body), &sent); err != nil {
		t.Fatal(err)
	}
	spans := sent.ResourceSpans[0].ScopeSpans[0].Spans
	if len(spans) != 2 {
		t.Fatalf("%d spans: %s", len(spans), r.body)
	}
	check, request := spans[0], spans[1]
	expect.Same(t, "the trace of the check", check.TraceID, request.TraceID)
	expect.Same(t, "the length of its id", len(check.TraceID), 32)
	if check.SpanID == request.SpanID || len(check.SpanID) != 16 {
		t.Errorf("the spans are %s and %s", check.SpanID, request.SpanID)
	}
	expect.Same(t, "the name of the check", check.Name, "check GET /v1/auth/me")
	expect.Same(t, "the name of the request", request.Name, "GET /v1/auth/me")
	expect.Same(t, "the kind of the request", request.Kind, server)
	expect.Same(t, "the state of a refused request", request.Status.Code, 0)
	took := number64(t, check.EndTimeUnixNano) - number64(t, check.StartTimeUnixNano)
	expect.Same(t, "the time that the check took", took, (3 * time.Millisecond).Nanoseconds())
	said := fmt.Sprint(request.Attributes)
	for _, part := range []string{"http.response.status_code", "404", "RESOURCE_NOT_FOUND", "/v1/auth/me", "r-1"} {
		if !strings.Contains(said, part) {
			t.Errorf("the request's attributes lack %s: %s", part, said)
		}
	}
	expect.Same(t, "the header that the secret names", r.header.Get("Api-Key"), "s3cret")
}

func number64(t *testing.T, text string) (n int64) {
	t.Helper()
	if _, err := fmt.Sscan(text, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNoAddressUserAgentOrPersonLeavesTheLog(t *testing.T) {
	r := newReceiver(t)
	h := handler{"latchkey", 100, newCollector(&vault{text: r.secret()}, "arn")}
	lines := printed(t)
	if err := h.serve(t.Context(), delivery(t, lines...)); err != nil {
		t.Fatal(err)
	}
	for _, personal := range []string{"192.0.2.7", "curl/8", "usr_A"} {
		if !strings.Contains(strings.Join(lines, "\n"), personal) {
			t.Errorf("the log lacks %s", personal)
		}
		if strings.Contains(r.body, personal) {
			t.Errorf("the collector got %s: %s", personal, r.body)
		}
	}
}

func TestADeliveryThatComesAgainHasTheSameIds(t *testing.T) {
	r := newReceiver(t)
	h := handler{"latchkey", 100, newCollector(&vault{text: r.secret()}, "arn")}
	event := delivery(t, printed(t)...)
	var sent [2]string
	for i := range sent {
		if err := h.serve(t.Context(), event); err != nil {
			t.Fatal(err)
		}
		sent[i] = r.body
	}
	expect.Same(t, "the second document", sent[1], sent[0])
}

func TestWhatTheCollectorRefusesIsTriedAgainWithTheSecretOfThen(t *testing.T) {
	r, event := newReceiver(t), delivery(t, printed(t)...)
	v := &vault{text: r.secret()}
	h := handler{"latchkey", 100, newCollector(v, "arn")}
	r.status = 401
	err := h.serve(t.Context(), event)
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error is %v", err)
	}
	r.status, v.text = 200, strings.Replace(v.text, "s3cret", "another", 1)
	for range 2 {
		if err := h.serve(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	expect.Same(t, "the header", r.header.Get("Api-Key"), "another")
	expect.Same(t, "the times that the secret was read", v.reads, 2)
}

func TestTracesGoNowhereWithoutEncryption(t *testing.T) {
	event := delivery(t, printed(t)...)
	for _, text := range []string{`{"endpoint": "http://collector.example.com/v1/traces"}`, `{"endpoint": "file:///etc/passwd"}`, `{}`, `"s3cret"`, "s3cret"} {
		err := handler{"latchkey", 100, newCollector(&vault{text: text}, "arn")}.serve(t.Context(), event)
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the error is %v", text, err)
		}
	}
}

func TestNoRedirectIsFollowedWithTheHeaders(t *testing.T) {
	r := newReceiver(t)
	away := httptest.NewServer(http.RedirectHandler(r.URL, http.StatusTemporaryRedirect))
	t.Cleanup(away.Close)
	v := &vault{text: fmt.Sprintf(`{"endpoint": "%s", "headers": {"Api-Key": "s3cret"}}`, away.URL)}
	if err := (handler{"latchkey", 100, newCollector(v, "arn")}).serve(t.Context(), delivery(t, printed(t)...)); err == nil {
		t.Error("a redirect is taken for a success")
	}
	if r.header != nil {
		t.Error("the redirect was followed")
	}
}

func TestASampleHasWholeTracesAndAsManyAsAskedFor(t *testing.T) {
	taken := 0
	const requests = 4000
	for i := range requests {
		var in [2]bool
		for j, message := range []string{"request", "verification"} {
			s, ok := spanOf(fmt.Sprintf(`{"time":"2030-01-02T03:04:05Z","msg":"%s","request_id":"r-%d","route":"GET /","Latency":1,"VerificationLatency":1}`, message, i))
			if !ok {
				t.Fatal("a line is no span")
			}
			in[j] = s.sampled(25)
			if !s.sampled(100) {
				t.Fatal("all requests are not all")
			}
		}
		if in[0] != in[1] {
			t.Fatalf("a half of the trace of request %d is in the sample", i)
		}
		if in[0] {
			taken++
		}
	}
	if taken < requests/5 || taken > requests*3/10 {
		t.Errorf("%d of %d were taken, a quarter was asked for", taken, requests)
	}
}

func TestADeliveryThatCannotBeReadIsAnError(t *testing.T) {
	h := handler{"latchkey", 100, newCollector(&vault{}, "arn")}
	if err := h.serve(t.Context(), events.CloudwatchLogsEvent{}); err == nil {
		t.Error("it is none")
	}
}

func FuzzNoLineMakesASpanWithoutTimeOrIds(f *testing.F) {
	f.Add(`{"time":"2030-01-02T03:04:05Z","msg":"request","request_id":"r","route":"GET /","Latency":1e300}`)
	f.Fuzz(func(t *testing.T, text string) {
		if s, ok := spanOf(text); ok && (s.end.IsZero() || s.name == "" && !s.server || s.start.After(s.end)) {
			t.Errorf("%s is the span %+v", text, s)
		}
	})
}
