// Package verification owns the line that is printed for each check of a credential. It is the
// operator's log and CloudWatch's metrics, and the only record of a key's use that the checking
// process writes:
//
//	check ─► Print ─► log group ─► subscription ─► Read ─► store.CountUses
//	                                   (functions/uses-count)
//
// A line outlives the process that printed it: a use costs the request nothing, and is not lost
// with the process.
package verification

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/metric"
	"github.com/latchkey/latchkey/shared/problem"
)

// A Check is one check of a credential, and how it ended.
type Check struct {
	RequestID string
	Route     string // method and resource
	API       string // <id>/<stage>
	Address   string
	UserAgent string

	UserID  string      // whose session it is, or ""
	Key     *apikey.Key // that was named, or nil
	Proven  bool        // the caller has the key's secret, or a token made from it
	Refusal error       // a *problem.Problem; another error if the check could not be made; or nil

	At   time.Time
	Took time.Duration
}

// FilterPattern finds the lines with a key's use in CloudWatch Logs. It is a plain term, because
// the local emulator supports no other pattern.
const FilterPattern = `"key_use"`

const (
	message = "verification"

	maxUserAgent = 256 // bytes
)

// process and number identify each use, however often and in whatever order its line arrives.
var (
	process = sync.OnceValue(rand.Text)
	number  atomic.Int64
)

// Print writes the line, with the metrics Verifications by outcome, and VerificationLatency.
func (c Check) Print(ctx context.Context) {
	attrs := make([]slog.Attr, 0, 16)
	attrs = append(attrs, slog.String("request_id", c.RequestID), slog.String("route", c.Route))
	if c.UserID != "" {
		attrs = append(attrs, slog.String("user", c.UserID))
	}
	level, outcome := slog.LevelInfo, audit.Allowed
	if c.Refusal != nil {
		outcome = problem.From(c.Refusal).Code
		if !errors.As(c.Refusal, new(*problem.Problem)) {
			level = slog.LevelError
			attrs = append(attrs, slog.String("error", c.Refusal.Error()))
		}
	}
	attrs = append(attrs, slog.String("outcome", outcome))
	if c.Key == nil && c.Refusal != nil {
		attrs = append(attrs, slog.String("address", c.Address)) // of a use it is below
	}
	if c.Key != nil {
		attrs = append(attrs, slog.String("key", c.Key.ID), c.use())
		if c.Key.Rehash != nil {
			attrs = append(attrs, slog.Any("rehash", c.Key.Rehash))
		}
	}
	line := slog.NewRecord(time.Now(), level, message, 0) // slog.LogAttrs would find out which line of code this is
	line.AddAttrs(append(attrs, metric.Attrs(c.At,
		metric.Value{Name: "Verifications", Unit: metric.Count, Value: 1, By: "outcome"},
		metric.Value{Name: "VerificationLatency", Unit: metric.Milliseconds, Value: metric.Millis(c.Took)})...)...)
	_ = slog.Default().Handler().Handle(ctx, line) // as slog's own functions do
}

// use returns the part of the line about the key's use, which Read reads. It numbers the use.
func (c Check) use() slog.Attr {
	attrs := make([]slog.Attr, 0, 10)
	attrs = append(attrs,
		slog.String("process", process()), slog.Int64("n", number.Add(1)), slog.Int64("at", c.At.UnixMilli()),
		slog.String("owner", c.Key.Owner), slog.String("project", c.Key.Project), slog.Bool("proven", c.Proven),
		slog.String("api", c.API), slog.String("address", c.Address), slog.String("user_agent", clip(c.UserAgent)))
	if c.Key.Customer != "" {
		attrs = append(attrs, slog.String("customer", c.Key.Customer))
	}
	return slog.GroupAttrs("key_use", attrs...)
}

func clip(userAgent string) string {
	return strings.ToValidUTF8(userAgent[:min(len(userAgent), maxUserAgent)], "")
}
