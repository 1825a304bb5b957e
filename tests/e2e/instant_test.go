//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"testing"
	"time"
)

const callers = 20

// What ends a key holds from the moment of its answer: of the requests that 20
// concurrent callers start after that, none succeeds.
func TestNoRequestStartedAfterTheEndOfAKeySucceeds(t *testing.T) {
	p := admin(t)
	keys := map[string]key{} // made before the callers need the machine
	for _, name := range []string{"revoked", "disabled", "deleted", "regenerated"} {
		keys[name] = newKey(t, p.token, object{"rate_limit": 1_000_000})
	}
	for _, row := range []struct {
		name, method, path string
		body               any
		code               string
	}{
		{"revoked", "PUT", "/api/v1/auth/api-keys/{id}/revoke", nil, "API_KEY_REVOKED"},
		{"disabled", "PATCH", "/v1/api-keys/{id}", object{"disabled": true}, "API_KEY_DISABLED"},
		{"deleted", "DELETE", "/v1/api-keys/{id}", nil, "API_KEY_INVALID"},
		{"regenerated", "POST", "/api/v1/auth/api-keys/{id}/regenerate", nil, "API_KEY_INVALID"},
	} {
		t.Run(row.name, func(t *testing.T) {
			k := keys[row.name]
			calls := newCalls(t, k.Key)
			calls.until(t, "succeeded", func(c call) bool { return c.status == 200 })
			send(t, request{method: row.method, path: route{resource: row.path}.path(k.ID), as: p.token, body: row.body})
			answered := time.Now()
			calls.until(t, "was refused", func(c call) bool { return c.started.After(answered) && c.status != 200 })
			late := 0
			for _, c := range calls.stop() {
				if !c.started.After(answered) {
					continue
				}
				late++
				if c.status == 200 {
					t.Errorf("started %s after the answer: it succeeded", c.started.Sub(answered))
				}
				// The secret of no key is a guess, and an address may send only so many.
				guessed := row.code == "API_KEY_INVALID" && c.code == "RATE_LIMIT_EXCEEDED"
				if c.code != row.code && !guessed {
					t.Errorf("started %s after the answer: error_code: %v, want %v", c.started.Sub(answered), c.code, row.code)
				}
			}
			if late < callers {
				t.Errorf("only %d requests were started after the answer", late)
			}
		})
	}
}

type call struct {
	caller  int
	started time.Time
	status  int
	code    string
}

// calls are what concurrent callers with one key did so far.
type calls struct {
	mu   sync.Mutex
	done []call
	ctx  context.Context // ends them
	end  context.CancelFunc
	wait sync.WaitGroup
}

func newCalls(t *testing.T, credential string) *calls {
	c := &calls{}
	c.ctx, c.end = context.WithCancel(t.Context())
	t.Cleanup(func() { c.stop() })
	for caller := range callers {
		c.wait.Go(func() {
			for c.ctx.Err() == nil {
				started := time.Now()
				a, err := try(t, client, request{method: "GET", path: me, as: credential})
				if err != nil {
					t.Errorf("a caller: %v", err)
					return
				}
				var p problem
				if err := json.Unmarshal(a.body, &p); err != nil {
					t.Errorf("a caller: %v", err)
					return
				}
				c.mu.Lock()
				c.done = append(c.done, call{caller, started, a.status, p.Code})
				c.mu.Unlock()
			}
		})
	}
	return c
}

// until waits for each caller to have made a call like that.
func (c *calls) until(t *testing.T, what string, like func(call) bool) {
	t.Helper()
	// The callers need the whole machine, and it may be a slow one.
	for deadline := time.Now().Add(90 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		seen, others := map[int]bool{}, map[string]int{}
		c.mu.Lock()
		for _, done := range c.done {
			if like(done) {
				seen[done.caller] = true
			} else {
				others[strconv.Itoa(done.status)+" "+done.code]++
			}
		}
		c.mu.Unlock()
		if len(seen) == callers {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("only %d of %d callers had a call that %s; the other calls: %v", len(seen), callers, what, others)
		}
	}
}

func (c *calls) stop() []call {
	c.end()
	c.wait.Wait()
	return c.done
}
