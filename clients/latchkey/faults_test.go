//go:build e2e

package main_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// A faulty proxy stands before the real stack.
type faulty struct {
	*httptest.Server
	sync.Mutex
	base string         // the path below which the API is
	seen map[string]int // by method and path
}

// loseAnswers passes everything on, and breaks the connection instead of answering the
// first request of each method and path that contains one of these.
func loseAnswers(t *testing.T, spoilt ...string) *faulty {
	t.Helper()
	f := newFaulty(t)
	f.Config.Handler.(*httputil.ReverseProxy).ModifyResponse = func(res *http.Response) error {
		for _, s := range spoilt {
			if strings.Contains(f.kind(res.Request), s) && f.count(f.kind(res.Request)) == 1 {
				return errors.New("lost")
			}
		}
		return nil
	}
	f.Start()
	return f
}

func newFaulty(t *testing.T) *faulty {
	t.Helper()
	target, err := url.Parse(apiURL)
	if err != nil {
		t.Fatal(err)
	}
	f := &faulty{base: target.Path, seen: map[string]int{}}
	f.Server = httptest.NewUnstartedServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			f.Lock()
			defer f.Unlock()
			f.seen[f.kind(r.Out)]++
		},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	})
	t.Cleanup(f.Close)
	return f
}

func (f *faulty) kind(r *http.Request) string {
	return r.Method + " " + strings.TrimPrefix(r.URL.Path, f.base)
}

func (f *faulty) count(kind string) int {
	f.Lock()
	defer f.Unlock()
	return f.seen[kind]
}

func TestLostAnswerIsAskedForAgainWhereThatDoesNoHarm(t *testing.T) {
	admin := signedIn(t)
	k := admin.newKey(t, "--scope", "admin")
	proxy := loseAnswers(t, "GET", "DELETE", "POST")
	h := newHome(t, "LATCHKEY_API_KEY="+k.Key)
	h.run(t, "", "whoami", "--url", proxy.URL).is(t, 0)

	before := strings.Count(h.run(t, "", "keys", "list").is(t, 0).out, "twice?")
	h.run(t, "", "keys", "create", "twice?", "--url", proxy.URL).is(t, 1)
	if n := proxy.count("POST /v1/api-keys"); n != 1 {
		t.Errorf("a key was asked for %d times", n)
	}
	var made string
	for _, other := range decode[[]key](t, h.run(t, "", "keys", "list", "--json").is(t, 0)) {
		if other.Label == "twice?" && made == "" {
			made = other.ID
		}
	}
	h.run(t, "", "keys", "delete", made, "--url", proxy.URL).is(t, 0) // the second attempt meets a 404
	if n := proxy.count("DELETE /api/v1/auth/api-keys/" + made); n != 2 {
		t.Errorf("deleted %d times", n)
	}
	if after := strings.Count(h.run(t, "", "keys", "list").is(t, 0).out, "twice?"); after != before {
		t.Errorf("%d such keys before, %d after", before, after)
	}
}

func TestSessionOutlivesARefreshWhoseAnswerIsLost(t *testing.T) {
	proxy := loseAnswers(t, "/refresh")
	h := newHome(t)
	h.run(t, adminPassword, "login", "--email", adminEmail, "--password-stdin", "--url", proxy.URL).is(t, 0)
	h.expire(t)
	h.run(t, "", "whoami", "--url", proxy.URL).is(t, 0)
	if n := proxy.count("POST /api/auth/refresh"); n < 2 {
		t.Errorf("refreshed %d times", n)
	}
	h.expire(t)
	h.run(t, "", "whoami", "--url", proxy.URL).is(t, 0)
	h.run(t, "", "logout").is(t, 0)
}

func TestLimitIsWaitedOutAsRetryAfterSays(t *testing.T) {
	k := signedIn(t).newKey(t)
	proxy := newFaulty(t)
	forward := proxy.Config.Handler
	var times []time.Time
	proxy.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if times = append(times, time.Now()); len(times) > 2 {
			forward.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = fmt.Fprint(w, `{"error_code":"RATE_LIMIT_EXCEEDED"}`)
	})
	proxy.Start()
	h := newHome(t, "LATCHKEY_API_KEY="+k.Key)
	h.run(t, "", "whoami", "--url", proxy.URL).is(t, 0)
	one, two := times[1].Sub(times[0]), times[2].Sub(times[1])
	if one < time.Second {
		t.Errorf("the first wait is %v, want 1s or more", one)
	}
	if two < 2*time.Second || two > 30*time.Second {
		t.Errorf("the second wait is %v, want 2s to 30s", two)
	}
}
