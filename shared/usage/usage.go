// Package usage counts the uses of keys from the lines of their checks (see package
// verification). It counts each use once, however often its line arrives.
package usage

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/verification"
)

// A Counter adds uses to the logs of their keys.
type Counter struct {
	store     *store.Store
	retention time.Duration // of an entry
	remember  time.Duration // time in which the same line may arrive again
	now       func() time.Time
}

// lateness is longer than CloudWatch Logs takes to delete an expired line (72 h).
const lateness = 7 * 24 * time.Hour

// New makes a Counter. Its entries are kept for retention, and the lines for logRetention.
func New(s *store.Store, retention, logRetention time.Duration, now func() time.Time) Counter {
	return Counter{s, retention, logRetention + lateness, now}
}

// FromEnv makes a Counter from AUDIT_RETENTION_DAYS and LOG_RETENTION_DAYS.
func FromEnv(e *env.Reader) Counter {
	return New(store.FromEnv(e), e.Days("AUDIT_RETENTION_DAYS"), e.Days("LOG_RETENTION_DAYS"), time.Now)
}

// Counted is the result of counting some lines.
type Counted struct {
	Uses     int           `json:"uses"`     // in the lines
	Added    int           `json:"added"`    // of them, added to the logs: the others were already there
	Rejected int           `json:"rejected"` // lines that look like a use and are none
	Delay    time.Duration `json:"-"`        // since the oldest use
}

// Count adds each use in the lines to its key's log, once. After an error it may have added some
// of them: call it again with all lines. It stops when ctx ends.
func (c Counter) Count(ctx context.Context, lines []string) (Counted, error) {
	var result Counted
	var uses []audit.Use
	now := c.now()
	for _, line := range lines {
		use, err := verification.Read(line)
		if errors.Is(err, verification.ErrOther) {
			continue
		}
		if err != nil {
			result.Rejected++
			continue
		}
		uses = append(uses, use)
		result.Delay = max(result.Delay, now.Sub(use.At))
	}
	result.Uses = len(uses)
	var err error
	if result.Added, err = c.store.CountUses(ctx, uses, c.retention, now.Add(c.remember)); err != nil {
		return result, err
	}
	return result, c.store.SetLastUses(ctx, uses, c.retention)
}
