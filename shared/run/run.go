// Package run owns runs and their events: an append-only list with sequence numbers
// from 1, without gaps or repeats, that pollers follow with a cursor.
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

// A Run is one run; LastSeq is the number of its newest event, 0 before the first.
type Run struct {
	ID        string    `dynamodbav:"id"`
	Owner     string    `dynamodbav:"owner"`
	Project   string    `dynamodbav:"project"`
	Status    string    `dynamodbav:"run_status"`
	LastSeq   int       `dynamodbav:"last_seq"`
	CreatedAt time.Time `dynamodbav:"created_at"`
	ExpiresAt int64     `dynamodbav:"expires_at"` // epoch seconds; the table's TTL attribute
}

// A Batch is the events of one append. It is stored under the number of its last
// event, so "newer than a cursor" is one range of the sort key.
type Batch struct {
	First     int               `dynamodbav:"first_seq"`
	Last      int               `dynamodbav:"last_seq"`
	At        time.Time         `dynamodbav:"at"`
	Events    []json.RawMessage `dynamodbav:"events"` // each a JSON object, as it was sent
	ExpiresAt int64             `dynamodbav:"expires_at"`
}

// New makes a run with a fresh id.
func New(owner, project string, retention time.Duration, now time.Time) Run {
	return Run{
		ID: randomid.New("run_"), Owner: owner, Project: project, Status: Running,
		CreatedAt: now.UTC(), ExpiresAt: now.Add(retention).Unix(),
	}
}

// ValidID says whether id has the form of a run's id.
func ValidID(id string) bool { return randomid.Valid("run_", id) }

// Finished says whether the run has ended: no event will follow.
func (r *Run) Finished() bool { return r.Status != Running }
