package main

import (
	"sync"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
)

// maxAddresses that are remembered; with more, the counts begin again.
const maxAddresses = 10_000

// unsigned counts the reports without a good signature by address. Anybody can send them, so they
// must not cost a call: each process counts for itself.
type unsigned struct {
	limit *ratelimit.Limit // nil: not counted

	mu     sync.Mutex
	window int64
	counts map[string]int
}

func newUnsigned(limit *ratelimit.Limit) *unsigned { return &unsigned{limit: limit} }

// refusal counts one more, and returns the refusal of it.
func (u *unsigned) refusal(address string, now time.Time) error {
	refused := problem.Forbidden.WithDetail("The report is not signed by the scanner")
	if u.limit == nil {
		return refused
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	window := u.limit.Index(now)
	if u.counts == nil || u.window != window || len(u.counts) >= maxAddresses {
		u.window, u.counts = window, map[string]int{}
	}
	subject := ratelimit.Subject(address)
	u.counts[subject]++
	if u.counts[subject] <= u.limit.Max {
		return refused
	}
	return gateway.Limited(u.limit.State(window, u.counts[subject], now), refused)
}
