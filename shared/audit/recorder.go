package audit

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
)

// A UseLog adds the uses that an entry counts to the entry of that id; store.AddUse.
type UseLog interface {
	AddUse(ctx context.Context, k apikey.Key, e Entry) error
}

// A Recorder keeps the use of keys. The first use that this process sees in an hour
// from an address on a route is written before Record returns. Later ones are
// gathered, and written by the next request (of any key) once they are flushAfter old,
// and when Lambda ends the process. They are never counted twice.
type Recorder struct {
	log       UseLog
	retention time.Duration

	mu    sync.Mutex
	known map[string]*pending
}

type pending struct {
	key       apikey.Key // of which the log needs id, owner and project
	entry     Entry      // with the counts not yet written
	writtenAt time.Time
}

const (
	flushAfter = 20 * time.Second
	mostKnown  = 5000
)

// NewRecorder makes a Recorder that has its entries kept for retention.
func NewRecorder(log UseLog, retention time.Duration) *Recorder {
	return &Recorder{log: log, retention: retention, known: map[string]*pending{}}
}

// A Use is one request with a key.
type Use struct {
	Source
	Route   string // method and resource
	Refused bool
}

// Record counts a use. An error means that a first use could not be written.
func (r *Recorder) Record(ctx context.Context, k *apikey.Key, u Use) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush(ctx, func(p *pending) bool { return u.Now.Sub(p.writtenAt) >= flushAfter })
	id := UseID(u.Address, u.Route, u.Now)
	p, ok := r.known[k.ID+id]
	if !ok {
		p = &pending{key: apikey.Key{ID: k.ID, Owner: k.Owner, Project: k.Project}, entry: Entry{
			ID: id, At: u.Now.UTC().Truncate(time.Hour), Action: Used, Actor: u.Actor,
			Address: u.Address, UserAgent: u.UserAgent, RequestID: u.RequestID, Route: u.Route,
			ExpiresAt: u.Now.Add(r.retention).Unix(),
		}}
	}
	p.entry.Count++
	if u.Refused {
		p.entry.Refusals++
	}
	if ok {
		return nil
	}
	if err := r.log.AddUse(ctx, p.key, p.entry); err != nil {
		return err
	}
	p.entry.Count, p.entry.Refusals, p.writtenAt = 0, 0, u.Now
	if len(r.known) >= mostKnown {
		r.flush(ctx, func(*pending) bool { return true })
	}
	r.known[k.ID+id] = p
	return nil
}

// Flush writes all that is gathered.
func (r *Recorder) Flush(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush(ctx, func(*pending) bool { return true })
}

// flush writes what is due. What cannot be written is given up: it may have been counted
// although no answer came, and the log must not exceed the truth.
func (r *Recorder) flush(ctx context.Context, due func(*pending) bool) {
	for id, p := range r.known {
		if !due(p) {
			continue
		}
		delete(r.known, id)
		if p.entry.Count == 0 {
			continue
		}
		if err := r.log.AddUse(ctx, p.key, p.entry); err != nil {
			slog.ErrorContext(ctx, "uses of a key may be missing from its log",
				"key", p.key.ID, "uses", p.entry.Count, "error", err.Error())
		}
	}
}
