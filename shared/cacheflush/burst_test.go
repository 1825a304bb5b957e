package cacheflush

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/latchkey/latchkey/shared/store/storetest"
)

// throttling is API Gateway's own API: each call takes a while, and above ten a second it
// refuses, as AWS documents for an account and region.
type throttling struct {
	mu     sync.Mutex
	calls  []call
	second map[int64]int
}

type call struct{ began, ended time.Time }

func (a *throttling) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	began := time.Now()
	a.mu.Lock()
	a.second[began.Unix()]++
	refused := a.second[began.Unix()] > 10
	a.mu.Unlock()
	if refused {
		w.Header().Set("X-Amzn-Errortype", "TooManyRequestsException")
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	time.Sleep(50 * time.Millisecond)
	a.mu.Lock()
	a.calls = append(a.calls, call{began, time.Now()})
	a.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
}

func TestRow15AHundredRevocationsAtOnceAreFlushedByAFewCalls(t *testing.T) {
	const revocations = 100
	api := &throttling{second: map[int64]int{}}
	server := httptest.NewServer(api)
	t.Cleanup(server.Close)
	cfg := aws.Config{BaseEndpoint: &server.URL, Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")}
	queue, cached := storetest.New(t), stage{"abc123", "prod"}
	asked, answered, errs := make([]time.Time, revocations), make([]time.Time, revocations), make([]error, revocations)
	// Longer than a function has: here a hundred of them share the machine's cores.
	ctx, cancel := context.WithTimeout(context.Background(), 10*timeout)
	defer cancel()
	var all sync.WaitGroup
	for i := range revocations {
		all.Go(func() { // a process of its own, as on Lambda
			f := newFlusher(cfg, queue, []stage{cached})
			asked[i] = time.Now()
			errs[i] = f.flushStage(ctx, cached)
			answered[i] = time.Now()
		})
	}
	all.Wait()
	for i, err := range errs {
		if err != nil {
			t.Fatalf("revocation %d: %v", i, err)
		}
		if !api.flushedBetween(asked[i], answered[i]) {
			t.Errorf("revocation %d was answered without a flush that began after it", i)
		}
	}
	if n := len(api.calls); n > 10 {
		t.Errorf("%d calls flushed for %d revocations", n, revocations)
	}
}

func (a *throttling) flushedBetween(asked, answered time.Time) bool {
	for _, c := range a.calls {
		if c.began.After(asked) && c.ended.Before(answered) {
			return true
		}
	}
	return false
}

func TestAFlushThatWasTakenAndForgottenIsTakenByAnother(t *testing.T) {
	s, ctx := storetest.New(t), context.Background()
	first, err := s.AskFlush(ctx, "abc123/prod")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	if upTo, err := s.TakeFlush(ctx, "abc123/prod", first, now); err != nil || upTo != first {
		t.Fatalf("the first takes up to %d: %v", upTo, err)
	}
	second, err := s.AskFlush(ctx, "abc123/prod")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.TakeFlush(ctx, "abc123/prod", second, now.Add(time.Second)); err == nil {
		t.Error("two are at it")
	}
	if upTo, err := s.TakeFlush(ctx, "abc123/prod", second, now.Add(time.Minute)); err != nil || upTo != second {
		t.Errorf("the second takes up to %d: %v", upTo, err)
	}
	if err := s.EndFlush(ctx, "abc123/prod", second); err != nil {
		t.Fatal(err)
	}
	if upTo, err := s.TakeFlush(ctx, "abc123/prod", first, now.Add(time.Hour)); err != nil || upTo != 0 {
		t.Errorf("the first is still to flush up to %d: %v", upTo, err)
	}
}
