package guard

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// A cache keeps answers for a while, under a hash of the whole question: key, method, path or scopes, and address. It keeps
// those about good keys, and refusals of a limit as long as the limit holds; any other refusal is asked for each time.
// Requests that ask the same at the same time share one question.
type cache struct {
	maxStale time.Duration
	size     int
	now      func() time.Time

	mu    sync.Mutex
	kept  map[[sha256.Size]byte]kept
	asked map[[sha256.Size]byte]*asked
}

type kept struct {
	answer answer
	until  time.Time
}

// An asked question is answered when done is closed.
type asked struct {
	done   chan struct{}
	answer answer
	err    error
}

func newCache(maxStale time.Duration, size int) *cache {
	return &cache{maxStale: maxStale, size: size, now: time.Now, kept: map[[sha256.Size]byte]kept{}, asked: map[[sha256.Size]byte]*asked{}}
}

func (c *cache) get(ctx context.Context, q question, ask func(context.Context, question) (answer, error)) (answer, error) {
	if c.maxStale == 0 {
		return ask(ctx, q)
	}
	name, err := hashOf(q)
	if err != nil {
		return answer{}, err
	}
	c.mu.Lock()
	if k, there := c.kept[name]; there && c.now().Before(k.until) {
		c.mu.Unlock()
		return k.answer.copy(), nil
	}
	one, begun := c.asked[name]
	if !begun {
		one = &asked{done: make(chan struct{}), err: errors.New("the check ended without an answer")}
		c.asked[name] = one
		go c.ask(context.WithoutCancel(ctx), name, one, q, ask) // the first to ask may go away, and the others wait for it
	}
	c.mu.Unlock()
	select {
	case <-one.done:
		return one.answer.copy(), one.err
	case <-ctx.Done():
		return answer{}, ctx.Err()
	}
}

func (c *cache) ask(ctx context.Context, name [sha256.Size]byte, one *asked, q question, ask func(context.Context, question) (answer, error)) {
	began := c.now() // the answer is as old as the question
	defer close(one.done)
	one.answer, one.err = ask(ctx, q)
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.asked, name)
	if until := c.until(one.answer, began); one.err == nil && until.After(c.now()) {
		c.makeRoom()
		c.kept[name] = kept{one.answer, until}
	}
}

// until returns when an answer must not be used any more: its time is over, the key has expired, or its limit begins anew.
func (c *cache) until(a answer, began time.Time) time.Time {
	until := began.Add(c.maxStale)
	earlier := func(at time.Time) {
		if at.Before(until) {
			until = at
		}
	}
	if a.Code != "VALID" && a.Code != "RATE_LIMIT_EXCEEDED" {
		return began
	}
	if !a.ExpiresAt.IsZero() {
		earlier(a.ExpiresAt)
	}
	if a.Limit.Reset != 0 {
		earlier(time.Unix(a.Limit.Reset, 0))
	}
	if a.Code == "RATE_LIMIT_EXCEEDED" {
		earlier(began.Add(time.Duration(a.Limit.RetryAfter) * time.Second))
	}
	return until
}

// makeRoom removes what is too old when the cache is full, and if nothing is, any one answer.
func (c *cache) makeRoom() {
	if len(c.kept) < c.size {
		return
	}
	now := c.now()
	maps.DeleteFunc(c.kept, func(_ [sha256.Size]byte, k kept) bool { return !now.Before(k.until) })
	for name := range c.kept {
		if len(c.kept) < c.size {
			return
		}
		delete(c.kept, name)
	}
}

// copy returns an answer whose parts a handler may change.
func (a answer) copy() answer {
	a.Scopes, a.Metadata = slices.Clone(a.Scopes), maps.Clone(a.Metadata)
	return a
}

func hashOf(q question) ([sha256.Size]byte, error) {
	text, err := json.Marshal(q)
	if err != nil {
		return [sha256.Size]byte{}, err
	}
	return sha256.Sum256(text), nil
}
