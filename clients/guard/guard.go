package guard

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// Defaults of a Config.
const (
	DefaultTimeout   = 3 * time.Second
	DefaultCacheSize = 10_000
)

// A Config says where Latchkey is, and how it is asked. Its zero value takes URL and Key from the environment.
type Config struct {
	URL string // of the deployment; else LATCHKEY_URL
	Key string // with the scope verify:keys, and any other credential that has it; else LATCHKEY_VERIFYING_KEY

	API     string        // names this server in the key's log: at most 64 of A-Z a-z 0-9 . _ / -
	Timeout time.Duration // of one check, from its beginning to its end; 0 is DefaultTimeout

	// MaxStale is how long an answer may be used again for the same key, need and address. Within this time a revoked key
	// is let in, and a request that is answered from the cache neither counts nor is in the key's log. 0: never.
	MaxStale  time.Duration
	CacheSize int // answers that are kept at most; 0 is DefaultCacheSize

	// TrustedProxies is how many proxies in front of this server add to X-Forwarded-For. The caller's address is what the
	// first of them added. 0: the header is not read, because anybody can send it.
	TrustedProxies int

	Transport http.RoundTripper // nil: one with connections of its own, which are used again
	Log       *slog.Logger      // nil: slog.Default
}

// A Guard lets requests through whose API key is good. It may be used by several goroutines.
type Guard struct {
	config Config
	verify string // the URL
	client *http.Client
	cache  *cache
}

// New returns a Guard, or what is wrong with the configuration. It sends nothing.
func New(c Config) (*Guard, error) {
	c.URL, c.Key = cmp.Or(c.URL, os.Getenv("LATCHKEY_URL")), cmp.Or(c.Key, os.Getenv("LATCHKEY_VERIFYING_KEY"))
	c.Timeout, c.CacheSize = cmp.Or(c.Timeout, DefaultTimeout), cmp.Or(c.CacheSize, DefaultCacheSize)
	if c.Transport == nil {
		c.Transport = transport()
	}
	base, err := url.Parse(c.URL)
	switch {
	case err != nil || base.Host == "" || base.User != nil || base.RawQuery != "":
		return nil, errors.New("guard: URL or LATCHKEY_URL must be the address of a deployment")
	case base.Scheme != "https" && (base.Scheme != "http" || !local(base.Hostname())):
		return nil, errors.New("guard: the address of a deployment must begin with https://, except on this machine")
	case c.Key == "" || strings.ContainsFunc(c.Key, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, errors.New("guard: Key or LATCHKEY_VERIFYING_KEY must be a key with the scope verify:keys")
	case c.Timeout < 0 || c.MaxStale < 0 || c.CacheSize < 0 || c.TrustedProxies < 0:
		return nil, errors.New("guard: nothing of the configuration may be less than 0")
	}
	return &Guard{
		config: c,
		verify: strings.TrimSuffix(c.URL, "/") + "/v1/keys/verify",
		client: &http.Client{Transport: c.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		cache:  newCache(c.MaxStale, c.CacheSize),
	}, nil
}

// Must returns the Guard, and panics if New returned an error.
func Must(g *Guard, err error) *Guard {
	if err != nil {
		panic(err)
	}
	return g
}

// ByPath guards a handler: the scopes of the key must open the method and path of the request, as Latchkey's catalogue says.
// A path that no scope opens is open to keys with the scope admin only.
func (g *Guard) ByPath(next http.Handler) http.Handler {
	return g.guard(next, need{byPath: true})
}

// Scopes guards a handler: the key must hold all of the scopes. It panics if there is none.
func (g *Guard) Scopes(scopes ...string) func(http.Handler) http.Handler {
	if len(scopes) == 0 {
		panic("guard: Scopes needs a scope; AnyKey lets every good key in")
	}
	return func(next http.Handler) http.Handler { return g.guard(next, need{scopes: scopes}) }
}

// AnyKey guards a handler: every good key is let in, whatever its scopes are.
func (g *Guard) AnyKey(next http.Handler) http.Handler { return g.guard(next, need{}) }

// A need is what a request asks of the key.
type need struct {
	byPath bool
	scopes []string
}

func (g *Guard) guard(next http.Handler, n need) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, refused := g.check(r, n)
		for name, value := range a.Headers {
			w.Header().Set(name, value)
		}
		if refused != nil {
			refused.write(w)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, a.caller())))
	})
}

// check returns the answer about a request's key, or the refusal. Both may have headers.
func (g *Guard) check(r *http.Request, n need) (answer, *refusal) {
	key, refused := credential(r.Header)
	if refused != nil {
		return answer{}, refused
	}
	q, refused := g.question(r, key, n)
	if refused != nil {
		return answer{}, refused
	}
	a, err := g.cache.get(r.Context(), q, g.ask)
	if err != nil {
		refused = unavailable(err)
		if r.Context().Err() == nil { // else the caller went away
			g.log().ErrorContext(r.Context(), "Latchkey could not check a key: the request is refused", "error", err.Error(), "request_id", refused.ID)
		}
		return answer{}, refused
	}
	return a, a.refusal()
}

func (g *Guard) log() *slog.Logger { return cmp.Or(g.config.Log, slog.Default()) }

func transport() http.RoundTripper {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64
	t.IdleConnTimeout = 30 * time.Second // before the other end gives the connection up: a check is not sent twice
	return t
}

func local(host string) bool {
	return host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1"
}

// A failure is why a check could not be made. It has no secret.
type failure struct {
	why        string
	retryAfter string
}

func (f *failure) Error() string { return f.why }

func failed(format string, values ...any) error { return &failure{why: fmt.Sprintf(format, values...)} }
