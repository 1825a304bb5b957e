// Package run owns runs and their events: an append-only list with sequence numbers
// from 1, without gaps or repeats, that pollers follow with a cursor.
//
//	append  RUN: last_seq n → n+k, and the batch of k events, in one transaction that
//	        another append since n was read cancels; then it is tried again
//	poll    RUN: anything after the cursor? only then the batches up to last_seq
package run

import (
	"encoding/json"
	"time"

	"github.com/latchkey/latchkey/shared/randomid"
)

// States of a run. Pass and Fail end it.
const (
	Running = "running"
	Pass    = "pass"
	Fail    = "fail"
)

// MaxEvents is the largest number of events in one append, without the end event that a status
// may add.
const MaxEvents = 100

// A Run is one run; LastSeq is the number of its newest event, 0 before the first.
type Run struct {
	ID        string    `dynamodbav:"id"`
	Owner     string    `dynamodbav:"owner"`
	Project   string    `dynamodbav:"project"`
	Status    string    `dynamodbav:"run_status"`
	LastSeq   int       `dynamodbav:"last_seq"`
	LastAt    time.Time `dynamodbav:"last_at"` // of the newest event, or of the creation
	CreatedAt time.Time `dynamodbav:"created_at"`
	ExpiresAt int64     `dynamodbav:"expires_at"` // epoch seconds; the table's TTL attribute
}

// A Batch has the events of one append. It is stored under the number of its last event, so the
// events after a cursor are one range of the sort key.
type Batch struct {
	First     int               `dynamodbav:"first_seq"`
	Last      int               `dynamodbav:"last_seq"`
	At        time.Time         `dynamodbav:"at"`
	Events    []json.RawMessage `dynamodbav:"events"` // each a JSON object with a kind, without spaces, seq and at
	ExpiresAt int64             `dynamodbav:"expires_at"`
}

// New makes a run with a fresh id.
func New(owner, project string, retention time.Duration, now time.Time) Run {
	return Run{
		ID: randomid.New("run_"), Owner: owner, Project: project, Status: Running,
		LastAt: now.UTC(), CreatedAt: now.UTC(), ExpiresAt: now.Add(retention).Unix(),
	}
}

// ValidID reports whether id has the form of a run's id.
func ValidID(id string) bool { return randomid.Valid("run_", id) }

// Finished reports whether the run has ended, so that no event will follow.
func (r *Run) Finished() bool { return r.Status != Running }

// An Append is at least one event that a writer adds to a run.
type Append struct {
	Events []json.RawMessage // as Batch holds them
	Status string            // Running, or Pass or Fail to end the run with these events
	At     time.Time
	Once   *Once // nil: every call appends
}

// Once makes an append repeatable: of all appends with the same ID to a run, only the first is
// done.
type Once struct {
	ID     string
	Digest string // of the request, to detect a different request with the same ID
}

// A Receipt is the result of an append. It is stored if the append has Once.
type Receipt struct {
	First     int    `dynamodbav:"first_seq"`
	Last      int    `dynamodbav:"last_seq"`
	Status    string `dynamodbav:"run_status"` // of the run after it
	Digest    string `dynamodbav:"digest"`
	ExpiresAt int64  `dynamodbav:"expires_at"`
}

// Take returns the run after an append, the append's batch, and its receipt. Numbers and times
// never go back, even if the clocks of two writers differ.
func (r Run) Take(a Append) (Run, Batch, Receipt) {
	first := r.LastSeq + 1
	r.LastSeq += len(a.Events)
	r.Status = a.Status
	if a.At.After(r.LastAt) {
		r.LastAt = a.At.UTC()
	}
	receipt := Receipt{First: first, Last: r.LastSeq, Status: r.Status, ExpiresAt: r.ExpiresAt}
	if a.Once != nil {
		receipt.Digest = a.Once.Digest
	}
	return r, Batch{First: first, Last: r.LastSeq, At: r.LastAt, Events: a.Events, ExpiresAt: r.ExpiresAt}, receipt
}
