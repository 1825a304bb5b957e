package cacheflush

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store/storetest"
)

// apiGateway records the calls that reach it over HTTP, and answers with a status.
// (Neither ministack nor sam local has this operation.)
func apiGateway(t *testing.T, status int) (aws.Config, *[]string) {
	t.Helper()
	var calls []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls = append(calls, r.Method+" "+r.URL.Path)
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		BaseEndpoint: &server.URL, Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		Retryer:     func() aws.Retryer { return aws.NopRetryer{} },
	}, &calls
}

func fromEnv(e *env.Reader) *Flusher { return FromEnv(e, nil) }

// revoke drives a handler that answers err, behind a flush of the stages.
func revoke(t *testing.T, f *Flusher, err error) gatewaytest.Answer {
	t.Helper()
	h := func(context.Context, *gateway.Request, gateway.Principal) (gateway.Response, error) {
		return gateway.NoContent(), err
	}
	return gatewaytest.Do(t, gateway.Protected(f.After(h)), gatewaytest.Call{
		Method: "PUT", Resource: "/x", Authorizer: gatewaytest.User("usr_A", "a@example.com", "member", ""),
	})
}

func TestARevocationFlushesEveryRegisteredStage(t *testing.T) {
	cfg, calls := apiGateway(t, http.StatusAccepted)
	stages, err := parse("abc123/prod, def456/v1")
	if err != nil {
		t.Fatal(err)
	}
	if got := revoke(t, newFlusher(cfg, storetest.New(t), stages), nil); got.Status != 204 {
		t.Fatalf("got %d", got.Status)
	}
	want := []string{
		"DELETE /restapis/abc123/stages/prod/cache/authorizers",
		"DELETE /restapis/def456/stages/v1/cache/authorizers",
	}
	if !slices.Equal(*calls, want) {
		t.Errorf("got %q, want %q", *calls, want)
	}
}

func TestWhatWasNotRevokedFlushesNothing(t *testing.T) {
	cfg, calls := apiGateway(t, http.StatusAccepted)
	if got := revoke(t, newFlusher(cfg, storetest.New(t), []stage{{"abc123", "prod"}}), errors.New("the write failed")); got.Status != 503 {
		t.Fatalf("got %d", got.Status)
	}
	if *calls != nil {
		t.Errorf("flushed all the same: %q", *calls)
	}
}

func TestADeletionThatIsRepeatedFlushesWhatTheFirstWasKilledBefore(t *testing.T) {
	cfg, calls := apiGateway(t, http.StatusAccepted)
	if got := revoke(t, newFlusher(cfg, storetest.New(t), []stage{{"abc123", "prod"}}), problem.NotFound); got.Status != 404 {
		t.Fatalf("got %d", got.Status)
	}
	if len(*calls) != 1 {
		t.Errorf("flushed %d times", len(*calls))
	}
}

func TestAFlushThatFailsLeavesTheRevocationAndIsCounted(t *testing.T) {
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&log, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	cfg, _ := apiGateway(t, http.StatusForbidden)
	if got := revoke(t, newFlusher(cfg, storetest.New(t), []stage{{"abc123", "prod"}}), nil); got.Status != 204 {
		t.Fatalf("got %d, want the revocation's own answer", got.Status)
	}
	for _, want := range []string{`"api":"abc123"`, `"CacheFlushFailures":1`, `"request_id":"test-request"`} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, log.String())
		}
	}
}

func TestWithoutStagesNothingIsCalled(t *testing.T) {
	t.Setenv("CACHED_STAGES", "")
	f, err := env.Build(fromEnv)()
	if err != nil {
		t.Fatal(err)
	}
	if got := revoke(t, f, nil); got.Status != 204 {
		t.Errorf("got %d", got.Status)
	}
}

func TestAStageThatIsNoneStopsTheFunctionFromStarting(t *testing.T) {
	for _, text := range []string{"abc123", "abc123/", "/prod", "abc123/prod/x", "abc123/prod,def456"} {
		t.Setenv("CACHED_STAGES", text)
		if _, err := env.Build(fromEnv)(); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
