//go:build e2e

package e2e

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// Lists follow what was written a little later (docs/aws.md, row 10). So that no test needs
// to know, a request for a list waits until what was written before it must be listed.
type indexed struct{ next http.RoundTripper }

// listed are the ends of the paths whose GET is such a list.
var listed = []string{"/v1/api-keys", "/auth/api-keys", "/v1/projects", "/v1/auth/sessions", "/v1/runs", "/v1/users"}

// written is when the last request that may write was answered, in Unix nanoseconds.
var written atomic.Int64

func (x indexed) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		defer func() { written.Store(time.Now().UnixNano()) }()
	} else if isList(req.URL.Path) {
		time.Sleep(time.Until(time.Unix(0, written.Load()).Add(indexLag())))
	}
	return x.next.RoundTrip(req)
}

func isList(path string) bool {
	return slices.ContainsFunc(listed, func(end string) bool { return strings.HasSuffix(path, end) })
}

// indexLag is longer than an index lags: here 100 ms, and on AWS mostly less, though
// nothing is promised.
func indexLag() time.Duration {
	if os.Getenv("LATCHKEY_PLACE") != "" {
		return 120 * time.Millisecond
	}
	return time.Second
}

func TestNewKeyIsListedInMoments(t *testing.T) {
	p := owner(t)
	k := newKey(t, p.token, nil)
	began, impatient := time.Now(), &http.Client{Transport: patience{wire}, CheckRedirect: stay}
	for {
		a := must(t, impatient, request{method: "GET", path: "/v1/api-keys", as: p.token}).is(t, 200)
		took := time.Since(began).Round(time.Millisecond)
		if strings.Contains(string(a.body), k.ID) {
			saw(t, "row 10", "a new key was listed %v after the answer that made it", took)
			return
		}
		if took > 10*time.Second {
			t.Fatalf("a new key is not listed %v after it was made", took)
		}
	}
}
