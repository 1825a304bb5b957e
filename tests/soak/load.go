package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/latchkey/latchkey/tests/caller"
)

// A load is what callers do, and what they are answered.
type load struct {
	api    *caller.Caller
	ledger *ledger
	faults *faults

	mu       sync.Mutex
	counts   map[string]map[string]int // kind of request → status → answers
	findings []string                  // answers that no fault explains, or that are wrong
	times    []time.Duration           // of verifications
}

// patience is how long a request is repeated that a fault has spoilt.
const patience = 90 * time.Second

// verifications is the share of requests that only have their credential checked, in per cent.
const verifications = 90

func (l *load) find(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.findings = append(l.findings, moment(time.Now())+" "+fmt.Sprintf(format, args...))
}

func (l *load) count(kind, status string, took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.counts[kind] == nil {
		l.counts[kind] = map[string]int{}
	}
	l.counts[kind][status]++
	if kind == verify && status == "200" {
		l.times = append(l.times, took)
	}
}

// ask sends a request until it is answered otherwise than by a 5xx. It returns the answer, and how many
// answers before it were lost. A 5xx must have the form that clients repeat, and a fault to explain it.
func (l *load) ask(ctx context.Context, kind string, r caller.Request) (a caller.Answer, lost int) {
	for began := time.Now(); ; lost++ {
		sent := time.Now()
		a, err := l.api.Send(ctx, r)
		if err == nil && a.Status < 500 {
			l.count(kind, strconv.Itoa(a.Status), time.Since(sent))
			return a, lost
		}
		what := fmt.Sprintf("%s: %s %s: %d %v %.200s", kind, r.Method, r.Path, a.Status, err, a.Body)
		l.count(kind, cmp.Or(strconv.Itoa(a.Status), "none"), 0)
		switch {
		case ctx.Err() != nil:
			return a, lost + 1
		case err != nil:
			l.find("no answer: %s", what)
		case a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") == "":
			l.find("a 5xx that clients do not repeat: %s", what)
		case !l.faults.explain(sent, time.Now()):
			l.find("a 503 that no fault explains: %s", what)
		case time.Since(began) > patience:
			l.find("still no answer after %v: %s", patience, what)
			return a, lost + 1
		}
		if err != nil || time.Since(began) > patience {
			return a, lost + 1
		}
		seconds, err := strconv.Atoi(a.Header.Get("Retry-After"))
		if err != nil || seconds < 1 {
			seconds = 1
		}
		time.Sleep(time.Duration(seconds) * time.Second)
	}
}

const verify = "verify"

// verify sends a request that a credential guards, and judges the answer by what is known of the credential.
func (l *load) verify(ctx context.Context) {
	c := l.ledger.any()
	before, turns := c.state.Load(), c.turns.Load()
	path := []string{"/v1/auth/me", "/v1/auth/me", "/v1/auth/me", "/v1/projects", "/v1/runs?limit=5"}[rand.IntN(5)] //nolint:gosec // any one
	a, lost := l.ask(ctx, verify, caller.Request{Method: "GET", Path: path, As: c.text})
	after, same := c.state.Load(), c.turns.Load() == turns
	limited := c.key != nil && c.key.limited > 0
	switch {
	case ctx.Err() != nil || a.Status >= 500:
	case before == ended && a.Status != 401:
		l.find("a %s that was answered as ended opens %s: %d %.200s", c.kind, path, a.Status, a.Body)
	case before == good && after == good && same && a.Status != 200 && (a.Status != 429 || !limited):
		l.find("a good %s is refused at %s: %d %.200s", c.kind, path, a.Status, a.Body)
	}
	if limited && (a.Status == 200 || a.Status == 429) {
		l.ledger.admit(c.key, a)
	}
	if c.key == nil {
		return
	}
	c.key.unsureUses.Add(int64(lost))
	if before == good && after == good && same && a.Status < 500 {
		c.key.uses.Add(1)
	} else {
		c.key.unsureUses.Add(1)
	}
}

// work does one thing after another until stop. What has begun then is finished.
func (l *load) work(ctx, stop context.Context, deeds []deed) {
	total := 0
	for _, d := range deeds {
		total += d.weight
	}
	for stop.Err() == nil {
		if rand.IntN(100) < verifications { //nolint:gosec // any one
			l.verify(ctx)
			continue
		}
		n := rand.IntN(total) //nolint:gosec // any one
		for _, d := range deeds {
			if n -= d.weight; n < 0 {
				d.do(ctx)
				break
			}
		}
	}
}

// A deed is something that changes the table.
type deed struct {
	weight int
	do     func(context.Context)
}
