package main

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/latchkey/latchkey/tests/caller"
)

// A ledger has what was answered: what the table must say in the end, and what a credential may still open.
type ledger struct {
	mu       sync.Mutex
	people   []caller.Person
	keys     []*key        // all that were ever made
	idle     []*key        // those that live, and that nobody is changing
	live     []*credential // that may be good
	ended    []*credential // the last that were ended
	sessions []*session
	runs     []*run
	unsure   map[string]int // answers lost while something was made, by owner and what
	windows  map[window]*admitted
}

// The states of a credential. Between them an answer may be either.
const (
	good int32 = iota
	ending
	ended
)

// A credential is something that a request is sent with.
type credential struct {
	text  string
	kind  string
	key   *key // whose use the request is; nil for a person's tokens
	state atomic.Int32
	turns atomic.Int32 // how often its key was disabled: between two of them, either answer is right
}

// A key as its answers tell of it. Only who has taken it out of idle changes it; the counts of uses are everybody's.
type key struct {
	caller.Key
	person           caller.Person
	secret           *credential
	limited          int // requests a window, or 0
	children         []*key
	uses, unsureUses atomic.Int64 // requests that are uses, or may be

	regenerated, unsureRegenerated int
	tokens, unsureTokens           int
	changed, unsureChanged         int
	revoked, deleted               bool
	credentials                    []*credential // the secret and the tokens made from it
}

// A session is a login for a pair.
type session struct {
	person caller.Person
	pair   caller.Pair
	access *credential
}

// A run and the events that were answered.
type run struct {
	id     string
	person caller.Person
	mu     sync.Mutex
	events map[int]string // the text that was answered for each number
}

// A window is one of a limited key, and admitted what was answered in it.
type window struct {
	key         *key
	policy, end string // the headers RateLimit-Policy and X-RateLimit-Reset
}
type admitted struct{ good, refused int }

func newLedger() *ledger {
	return &ledger{unsure: map[string]int{}, windows: map[window]*admitted{}}
}

// publish makes a credential known to those who verify.
func (l *ledger) publish(c *credential) *credential {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live = append(l.live, c)
	return c
}

// end notes that a credential was answered as ended.
func (l *ledger) end(list ...*credential) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range list {
		c.state.Store(ended)
		l.live = slices.DeleteFunc(l.live, func(one *credential) bool { return one == c })
		l.ended = append(l.ended, c)
	}
	l.ended = l.ended[max(0, len(l.ended)-200):]
}

// forget drops a credential of which nothing more is asked.
func (l *ledger) forget(c *credential) {
	c.state.Store(ending)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.live = slices.DeleteFunc(l.live, func(one *credential) bool { return one == c })
}

// any returns a live credential, or in one of ten cases one that has ended.
func (l *ledger) any() *credential {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ended) > 0 && rand.IntN(10) == 0 { //nolint:gosec // any one
		return l.ended[rand.IntN(len(l.ended))] //nolint:gosec // any one
	}
	return l.live[rand.IntN(len(l.live))] //nolint:gosec // any one
}

// take returns a key that nobody else changes meanwhile, or nil if there are fewer than least.
func (l *ledger) take(least int) *key {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.idle) < max(1, least) {
		return nil
	}
	i := rand.IntN(len(l.idle)) //nolint:gosec // any one
	k := l.idle[i]
	l.idle = slices.Delete(l.idle, i, i+1)
	return k
}

func (l *ledger) put(k *key) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.idle = append(l.idle, k)
}

// lost notes answers that were lost while something of a kind was made for an owner.
func (l *ledger) lost(owner, kind string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unsure[owner+" "+kind] += n
}

// admit notes an answer to a limited key.
func (l *ledger) admit(k *key, a caller.Answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := window{k, a.Header.Get("RateLimit-Policy"), a.Header.Get("X-RateLimit-Reset")}
	if l.windows[w] == nil {
		l.windows[w] = &admitted{}
	}
	if a.Status == 429 {
		l.windows[w].refused++
	} else {
		l.windows[w].good++
	}
}

func (l *ledger) anyPerson() caller.Person { return l.people[rand.IntN(len(l.people))] } //nolint:gosec // any one

// A moment is when something was, for the report.
func moment(t time.Time) string { return t.UTC().Format(time.TimeOnly) }
