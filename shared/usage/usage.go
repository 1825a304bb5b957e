// Package usage counts the uses of keys that the lines of checks tell of, whoever brings
// the lines and how often (see package verification).
package usage

import (
	"context"
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
	remember  time.Duration // for so long the same line may come again
	now       func() time.Time
}

// lateness is more than CloudWatch Logs takes to delete a line that has expired (72 h).
const lateness = 7 * 24 * time.Hour

// New makes a Counter whose entries are kept for retention, of lines that are kept for
// logRetention.
func New(s *store.Store, retention, logRetention time.Duration, now func() time.Time) Counter {
	return Counter{s, retention, logRetention + lateness, now}
}

// FromEnv makes a Counter out of AUDIT_RETENTION_DAYS and LOG_RETENTION_DAYS.
func FromEnv(e *env.Reader) Counter {
	return New(store.FromEnv(e), e.Days("AUDIT_RETENTION_DAYS"), e.Days("LOG_RETENTION_DAYS"), time.Now)
}

// Counted is what became of some lines.
type Counted struct {
	Uses     int           `json:"uses"`     // in the lines
	Added    int           `json:"added"`    // of them, to the logs: the others were there already
	Rejected int           `json:"rejected"` // lines that tell of no use
	Delay    time.Duration `json:"-"`        // since the oldest use
}

// Count adds each use that the lines tell of to its key's log, once. After an error it may
// have added some of them; bring all lines again. It takes as long as ctx lets it.
func (c Counter) Count(ctx context.Context, lines []string) (Counted, error) {
	var result Counted
	var uses []audit.Use
	now := c.now()
	for _, line := range lines {
		use, err := verification.Read(line)
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
