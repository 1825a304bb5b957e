//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// A load is what callers do during an upgrade, again and again until its end.
type load struct {
	done     chan struct{}
	all      sync.WaitGroup
	mu       sync.Mutex
	answered map[string]int
	refused  []string
}

// ask sends the same request with each of these credentials, by their names.
func (l *load) ask(t *testing.T, credentials map[string]string) {
	for name, credential := range credentials {
		l.again(func() { l.answer(t, name, 200, request{method: "GET", path: me, as: credential}) })
	}
}

// live leads a key through its life. Each request of it may meet a function of either release.
func (l *load) live(t *testing.T, p person) {
	l.again(func() {
		step := func(name string, status int, r request) (made struct{ Token, ID, Key string }) {
			_ = json.Unmarshal(l.answer(t, name, status, r), &made) // what made nothing is refused in the next step
			return made
		}
		use := func(credential string) request { return request{method: "GET", path: me, as: credential} }
		as := step("a login", 200, request{method: "POST", path: "/v1/auth/login", body: object{"email": p.Email, "password": p.password}}).Token
		first := step("the making of a key", 201, request{method: "POST", path: "/v1/api-keys", as: as, body: object{"label": "short-lived"}})
		step("a made key", 200, use(first.Key))
		path := auditKeys + first.ID
		next := step("the regeneration of a key", 200, request{method: "POST", path: path + "/regenerate", as: as, body: object{"grace_seconds": 600}})
		step("a regenerated key's old secret", 200, use(first.Key))
		step("a regenerated key", 200, use(next.Key))
		step("a revocation", 200, request{method: "PUT", path: path + "/revoke", as: as})
		step("a revoked key's old secret", 401, use(first.Key))
		step("a revoked key", 401, use(next.Key))
	})
}

func (l *load) again(do func()) {
	l.all.Go(func() {
		for {
			select {
			case <-l.done:
				return
			case <-time.After(100 * time.Millisecond):
				do()
			}
		}
	})
}

// answer sends a request that must have this status, and returns the body.
func (l *load) answer(t *testing.T, name string, status int, r request) []byte {
	a, err := try(t, client, r)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil || a.status != status {
		l.refused = append(l.refused, fmt.Sprintf("%s: %d %v %s", name, a.status, err, a.body))
		return nil
	}
	l.answered[name]++
	return a.body
}

// end ends it, and returns how many requests were answered as they must, by their names.
func (l *load) end(t *testing.T) map[string]int {
	t.Helper()
	close(l.done)
	l.all.Wait()
	t.Logf("answered during the upgrade: %v", l.answered)
	if n := len(l.refused); n > 0 {
		t.Errorf("%d requests were answered otherwise than they must, among them\n%s", n, strings.Join(l.refused[:min(n, 5)], "\n"))
	}
	for name, n := range l.answered {
		if n < 10 {
			t.Errorf("%s was answered only %d times: this run proves little", name, n)
		}
	}
	return l.answered
}
