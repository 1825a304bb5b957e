package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/metric"
	"github.com/latchkey/latchkey/shared/problem"
)

// logVerification writes the verification's one line, and the metrics Verifications by
// outcome, and VerificationLatency.
func logVerification(ctx context.Context, r request, i authn.Identity, refusal error, inScope bool, now time.Time, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("request_id", r.id),
		slog.String("route", r.route()),
	}
	if i.Key != nil {
		attrs = append(attrs, slog.String("key", i.Key.ID))
	}
	if i.Session != nil {
		attrs = append(attrs, slog.String("user", i.Session.UserID))
	}
	level, outcome := slog.LevelInfo, "allowed"
	switch {
	case refusal != nil:
		outcome = problem.From(refusal).Code
		if !errors.As(refusal, new(*problem.Problem)) {
			level = slog.LevelError
			attrs = append(attrs, slog.String("error", refusal.Error()))
		}
	case !inScope:
		outcome = problem.InsufficientScope.Code
	}
	attrs = append(attrs, slog.String("outcome", outcome))
	slog.LogAttrs(ctx, level, "verification", append(attrs, metric.Attrs(now,
		metric.Value{Name: "Verifications", Unit: metric.Count, Value: 1, By: "outcome"},
		metric.Value{Name: "VerificationLatency", Unit: metric.Milliseconds, Value: metric.Millis(took)})...)...)
}
