package gateway

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/latchkey/latchkey/shared/metric"
	"github.com/latchkey/latchkey/shared/problem"
)

// log writes the request's one line: its outcome, and the metrics Latency, Requests,
// Limited and LoginsRefused. (API Gateway counts 5xx answers.)
func log(ctx context.Context, r *Request, out outcome, status int, shown *problem.Problem, err error, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("request_id", r.ID()),
		slog.String("route", r.Route()),
		slog.Int("status", status),
		slog.String("principal", out.principal),
	}
	values := []metric.Value{
		{Name: "Requests", Unit: metric.Count, Value: 1},
		{Name: "Latency", Unit: metric.Milliseconds, Value: metric.Millis(took)},
	}
	level := slog.LevelInfo
	if shown != nil {
		attrs = append(attrs, slog.String("error_code", shown.Code))
		// The caller sees the text of a Problem, and only the log has the text of any other
		// error.
		if !errors.As(err, new(*problem.Problem)) {
			level = slog.LevelError
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		if name := metricOf(shown); name != "" {
			values = append(values, metric.Value{Name: name, Unit: metric.Count, Value: 1})
		}
	}
	slog.LogAttrs(ctx, level, "request", append(attrs, metric.Attrs(r.Now, values...)...)...)
}

// metricOf returns the metric that counts a problem, or "".
func metricOf(p *problem.Problem) string {
	switch {
	case p.Status == 429:
		return "Limited"
	case p.Code == problem.InvalidCredentials.Code:
		return "LoginsRefused"
	}
	return ""
}
