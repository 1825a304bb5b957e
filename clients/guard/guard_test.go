package guard

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
)

const own = "gf_ofThisServer"

// A latchkey answers each question as a test says, and keeps the questions. It is a transport: no port is needed, and time
// may stand still.
type latchkey struct {
	mu        sync.Mutex
	questions []question
	answer    func(context.Context, question) (status int, body string)
}

func (l *latchkey) RoundTrip(r *http.Request) (*http.Response, error) {
	var q question
	if err := json.NewDecoder(r.Body).Decode(&q); err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.questions = append(l.questions, q)
	l.mu.Unlock()
	status, body := l.answer(r.Context(), q)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {"7"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

func (l *latchkey) asked() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.questions)
}

const valid = `{"valid":true,"code":"VALID","key_id":"K","project_id":"prj_A","scopes":["read:stats"],"metadata":{"plan":"pro"},
	"expires_at":null,"headers":{"X-RateLimit-Remaining":"9"}}`

func always(status int, body string) func(context.Context, question) (int, string) {
	return func(context.Context, question) (int, string) { return status, body }
}

func refusing(code string, status, seconds int) string {
	return fmt.Sprintf(`{"valid":false,"code":%q,"limit":{"retry_after":%d},"headers":{"Retry-After":"%d"},
		"problem":{"type":"about:blank","title":"T","status":%d,"detail":"D","error_code":%q,"request_id":"R"}}`, code, seconds, seconds, status, code)
}

// A server is guarded, and says who calls.
type server struct {
	t *testing.T
	h http.Handler
	l *latchkey
	w strings.Builder // its log
}

func serve(t *testing.T, answer func(context.Context, question) (int, string), change func(*Config), guarded func(*Guard) func(http.Handler) http.Handler) *server {
	t.Helper()
	s := &server{t: t, l: &latchkey{answer: answer}}
	c := Config{URL: "https://latchkey.example.com/prod/", Key: own, Transport: s.l, Log: slog.New(slog.NewTextHandler(&s.w, nil))}
	if change != nil {
		change(&c)
	}
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	s.h = guarded(g)(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, CallerOf(r.Context()).KeyID)
	}))
	return s
}

func byPath(g *Guard) func(http.Handler) http.Handler { return g.ByPath }

func (s *server) get(target string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodGet, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	return w
}

func code(w *httptest.ResponseRecorder) string {
	var p refusal
	if json.Unmarshal(w.Body.Bytes(), &p) != nil || p.Status != w.Code || p.ID == "" || w.Header().Get("Content-Type") != "application/problem+json" {
		return "no problem: " + w.Body.String()
	}
	return fmt.Sprint(p.Status, " ", p.Code)
}

func TestRequestWithoutExactlyOneCredentialIsRefusedWithoutAQuestion(t *testing.T) {
	s := serve(t, always(200, valid), nil, byPath)
	for _, row := range []struct {
		want, challenge string
		headers         []string
	}{
		{"401 MISSING_CREDENTIALS", `Bearer realm="latchkey"`, nil},
		{"401 MISSING_CREDENTIALS", `Bearer realm="latchkey"`, []string{"Authorization", " ", "X-Api-Key", ""}},
		{"401 TOKEN_INVALID", `Bearer realm="latchkey", error="invalid_token", error_description="The token is not valid"`, []string{"Authorization", "Bearer ", "X-Api-Key", "a"}},
		{"401 TOKEN_INVALID", `Bearer realm="latchkey", error="invalid_token", error_description="The token is not valid"`, []string{"Authorization", "Basic YTpi"}},
		{"400 MULTIPLE_CREDENTIALS", "", []string{"Authorization", "Bearer a", "X-Api-Key", "b"}},
		{"400 MULTIPLE_CREDENTIALS", "", []string{"X-Api-Key", "a", "X-Api-Key", "b"}},
		{"401 API_KEY_INVALID", `Bearer realm="latchkey", error="invalid_token", error_description="The API key is not valid"`, []string{"X-Api-Key", strings.Repeat("a", 5000)}},
	} {
		got := s.get("/x", row.headers...)
		expect.Same(t, fmt.Sprint(row.headers), code(got), row.want)
		expect.Same(t, fmt.Sprint(row.headers, ": challenge"), got.Header().Get("WWW-Authenticate"), row.challenge)
	}
	expect.Same(t, "questions", s.l.asked(), 0)
	expect.Same(t, "the same key twice", s.get("/x", "Authorization", "bearer  a", "X-Api-Key", "a").Code, 200)
}

func TestQuestionSaysWhatTheRequestNeedsAndFromWhere(t *testing.T) {
	named := func(c *Config) { c.API = "shop/prod" }
	s := serve(t, always(200, valid), named, byPath)
	s.get("/api/stats%2Ftoday?token=no", "X-Api-Key", "a", "X-Forwarded-For", "198.51.100.7")
	expect.Same(t, "by path", fmt.Sprint(s.l.questions[0]), "{a GET /api/stats%2Ftoday [] 192.0.2.1 shop/prod}")
	s = serve(t, always(200, valid), nil, func(g *Guard) func(http.Handler) http.Handler { return g.Scopes("read:stats") })
	s.get("/api/stats", "X-Api-Key", "a")
	expect.Same(t, "by scopes", fmt.Sprint(s.l.questions[0]), "{a GET  [read:stats] 192.0.2.1 }")
	for _, row := range []struct{ sent, want string }{
		{"203.0.113.9, 10.0.0.1", "203.0.113.9"}, {"1.1.1.1, 203.0.113.9,::ffff:10.0.0.1", "203.0.113.9"}, {"10.0.0.1", ""}, {"here, 10.0.0.1", ""}, {"", ""},
	} {
		s = serve(t, always(200, valid), func(c *Config) { c.TrustedProxies = 2 }, func(g *Guard) func(http.Handler) http.Handler { return g.AnyKey })
		s.get("/x", "X-Api-Key", "a", "X-Forwarded-For", row.sent)
		expect.Same(t, "the address of "+row.sent, s.l.questions[0].Address, row.want)
	}
}

func TestRefusalIsPassedOnWithItsHeaders(t *testing.T) {
	s := serve(t, always(200, refusing("RATE_LIMIT_EXCEEDED", 429, 17)), nil, byPath)
	got := s.get("/x", "X-Api-Key", "a")
	expect.Same(t, "the answer", code(got), "429 RATE_LIMIT_EXCEEDED")
	expect.Same(t, "Retry-After", got.Header().Get("Retry-After"), "17")
	s = serve(t, always(200, refusing("SOMETHING_NEWER", 402, 0)), nil, byPath)
	expect.Same(t, "a code that is newer than this package", code(s.get("/x", "X-Api-Key", "a")), "402 SOMETHING_NEWER")
}

func TestKeyThatCouldNotBeCheckedIsNotLetIn(t *testing.T) {
	for name, answer := range map[string]func(context.Context, question) (int, string){
		"its own key is revoked":  always(401, `{"error_code":"API_KEY_REVOKED"}`),
		"it may not verify":       always(403, `{"error_code":"INSUFFICIENT_SCOPE"}`),
		"it asks too often":       always(429, `{"error_code":"RATE_LIMIT_EXCEEDED"}`),
		"a fault":                 always(503, `{"error_code":"SERVICE_UNAVAILABLE"}`),
		"a redirect":              always(302, ""),
		"no JSON":                 always(200, "<html>"),
		"nothing":                 always(200, ""),
		"another program":         always(200, `{"ok":true}`),
		"valid, and with a code":  always(200, strings.Replace(valid, `"VALID"`, `"API_KEY_REVOKED"`, 1)),
		"valid, and of nobody":    always(200, strings.Replace(valid, `"K"`, `""`, 1)),
		"an older deployment":     always(200, `{"valid":false,"code":"API_KEY_REVOKED"}`),
		"a refusal that allows":   always(200, refusing("API_KEY_REVOKED", 200, 0)),
		"it never answers":        func(ctx context.Context, _ question) (int, string) { <-ctx.Done(); return 200, valid },
		"more than an answer has": always(200, strings.Repeat(" ", longestAnswer)+valid),
	} {
		s := serve(t, answer, func(c *Config) { c.Timeout = 20 * time.Millisecond }, byPath)
		got := s.get("/x", "X-Api-Key", "gf_ofTheCaller")
		expect.Same(t, name, code(got), "503 SERVICE_UNAVAILABLE")
		want := "1"
		if name == "its own key is revoked" || name == "it may not verify" || name == "it asks too often" || name == "a fault" || name == "a redirect" {
			want = "7"
		}
		expect.Same(t, name+": Retry-After", got.Header().Get("Retry-After"), want)
		expect.Same(t, name+": questions", s.l.asked(), 1)
		var p refusal
		_ = json.Unmarshal(got.Body.Bytes(), &p)
		expect.Same(t, name+": the log has the request id", strings.Contains(s.w.String(), p.ID), true)
		expect.Same(t, name+": the log has a key", strings.Contains(s.w.String(), own) || strings.Contains(s.w.String(), "ofTheCaller"), false)
	}
}

func TestLogSaysWhichScopeDoesNotExist(t *testing.T) {
	s := serve(t, always(422, `{"error_code":"VALIDATION_ERROR","fields":[{"field":"scopes","message":"must name scopes that exist"}]}`), nil, byPath)
	expect.Same(t, "the answer", code(s.get("/x", "X-Api-Key", "a")), "503 SERVICE_UNAVAILABLE")
	expect.Same(t, "the log", strings.Contains(s.w.String(), "scopes must name scopes that exist"), true)
}

func TestWithoutTheCacheEachRequestIsAsked(t *testing.T) {
	s := serve(t, always(200, valid), nil, byPath)
	for range 3 {
		s.get("/x", "X-Api-Key", "a")
	}
	expect.Same(t, "questions", s.l.asked(), 3)
}

func TestCacheAnswersWithinItsTimeAndOnlyTheSameQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, always(200, valid), func(c *Config) { c.MaxStale = time.Minute }, byPath)
		same := func() { s.get("/x", "X-Api-Key", "a") }
		asked := func(what string, want int) { t.Helper(); expect.Same(t, what, s.l.asked(), want) }
		same()
		time.Sleep(time.Minute - 1)
		same()
		asked("within the time", 1)
		time.Sleep(time.Nanosecond)
		same()
		asked("after it", 2)
		s.get("/y", "X-Api-Key", "a")
		asked("another path", 3)
		s.get("/x", "X-Api-Key", "b")
		asked("another key", 4)
	})
}

func TestCacheKeepsARefusalOfALimitOnlyAsLongAsItHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var body atomic.Value
		body.Store(refusing("RATE_LIMIT_EXCEEDED", 429, 5))
		s := serve(t, func(context.Context, question) (int, string) { return 200, body.Load().(string) }, func(c *Config) { c.MaxStale = time.Minute }, byPath)
		s.get("/x", "X-Api-Key", "a")
		time.Sleep(4 * time.Second)
		expect.Same(t, "while it holds", code(s.get("/x", "X-Api-Key", "a")), "429 RATE_LIMIT_EXCEEDED")
		expect.Same(t, "questions", s.l.asked(), 1)
		time.Sleep(time.Second)
		body.Store(strings.Replace(refusing("QUOTA_EXCEEDED", 429, 0), `"headers":{`, `"quota":{"limit":9,"remaining":0,"retry_after":5},"headers":{`, 1))
		expect.Same(t, "the quota is used up", code(s.get("/x", "X-Api-Key", "a")), "429 QUOTA_EXCEEDED")
		body.Store(refusing("API_KEY_DISABLED", 401, 0)) // whoever raises a quota need not wait for its end
		expect.Same(t, "then", code(s.get("/x", "X-Api-Key", "a")), "401 API_KEY_DISABLED")
		body.Store(strings.Replace(valid, `"expires_at":null`, fmt.Sprintf(`"expires_at":%q`, time.Now().Add(3*time.Second).Format(time.RFC3339)), 1))
		expect.Same(t, "once it is enabled again", s.get("/x", "X-Api-Key", "a").Code, 200)
		body.Store(refusing("API_KEY_EXPIRED", 401, 0))
		time.Sleep(3 * time.Second)
		expect.Same(t, "once it has expired", code(s.get("/x", "X-Api-Key", "a")), "401 API_KEY_EXPIRED")
	})
}

func TestRequestsAtTheSameTimeShareOneQuestionIfTheCacheIsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, func(context.Context, question) (int, string) { time.Sleep(time.Second); return 200, valid }, func(c *Config) { c.MaxStale = time.Minute }, byPath)
		ctx, leave := context.WithCancel(t.Context())
		first := httptest.NewRequestWithContext(ctx, http.MethodGet, "/x", nil)
		first.Header.Set("X-Api-Key", "a")
		var all sync.WaitGroup
		all.Go(func() { s.h.ServeHTTP(httptest.NewRecorder(), first) })
		synctest.Wait()
		for range 50 {
			all.Go(func() { expect.Same(t, "the answer", s.get("/x", "X-Api-Key", "a").Body.String(), "K") })
		}
		synctest.Wait()
		leave() // of whom the question was asked
		all.Wait()
		expect.Same(t, "questions", s.l.asked(), 1)
	})
}

func TestCacheIsBounded(t *testing.T) {
	var g *Guard
	s := serve(t, always(200, valid), func(c *Config) { c.MaxStale, c.CacheSize = time.Hour, 10 },
		func(one *Guard) func(http.Handler) http.Handler { g = one; return one.ByPath })
	for i := range 100 {
		s.get(fmt.Sprint("/", i), "X-Api-Key", "a")
	}
	expect.Same(t, "answers that are kept", len(g.cache.kept), 10)
	expect.Same(t, "questions that wait", len(g.cache.asked), 0)
}

func TestMethodOrPathThatCannotBeCheckedIsForbidden(t *testing.T) {
	s := serve(t, always(200, valid), nil, byPath)
	expect.Same(t, "a long path", code(s.get("/"+strings.Repeat("a", 2048), "X-Api-Key", "a")), "403 FORBIDDEN")
	r := httptest.NewRequestWithContext(t.Context(), "PROPFIND", "/x", nil)
	r.Header.Set("X-Api-Key", "a")
	w := httptest.NewRecorder()
	s.h.ServeHTTP(w, r)
	expect.Same(t, "a method", code(w), "403 FORBIDDEN")
	expect.Same(t, "questions", s.l.asked(), 0)
}

func TestHandlerThatNobodyGuardsHasNoCaller(t *testing.T) {
	defer func() { expect.Same(t, "it panics", recover() != nil, true) }()
	CallerOf(t.Context())
}

func TestConfigurationThatCouldSendTheKeyElsewhereIsRefused(t *testing.T) {
	t.Setenv("LATCHKEY_URL", "")
	t.Setenv("LATCHKEY_VERIFYING_KEY", "")
	for _, c := range []Config{
		{}, {URL: "http://latchkey.example.com", Key: own}, {URL: "https://latchkey.example.com"}, {URL: "https://u:p@example.com", Key: own}, {URL: "ftp://localhost", Key: own},
		{URL: "https://x.example.com", Key: "a\nb"}, {URL: "https://x.example.com", Key: own, TrustedProxies: -1},
	} {
		if _, err := New(c); err == nil || strings.Contains(err.Error(), own) {
			t.Errorf("%+v: the error is %v", c, err)
		}
	}
	t.Setenv("LATCHKEY_URL", "http://127.0.0.1:4566")
	t.Setenv("LATCHKEY_VERIFYING_KEY", own)
	if _, err := New(Config{}); err != nil {
		t.Errorf("from the environment: %v", err)
	}
}
