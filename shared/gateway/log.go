package gateway

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/metric"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/randomid"
)

// log writes the request's one line: its outcome, and the metrics Latency, Requests,
// Limited and LoginsRefused. (API Gateway counts 5xx answers.) The line of a request that was
// refused, or that may have changed something, also says from where it came and what it was about.
func log(ctx context.Context, r *Request, out outcome, status int, shown *problem.Problem, err error, took time.Duration) {
	attrs := []slog.Attr{
		slog.String("request_id", r.ID()),
		slog.String("route", r.Route()),
		slog.Int("status", status),
		slog.String("principal", out.principal),
	}
	if shown != nil || r.mayChange() {
		attrs = append(attrs, slog.String("address", r.Address()), slog.String("user_agent", r.UserAgent()))
		if target := cmp.Or(out.target, r.namedID()); target != "" {
			attrs = append(attrs, slog.String("target", target))
		}
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

func (r *Request) mayChange() bool {
	return r.Method() != http.MethodGet && r.Method() != http.MethodHead
}

// namedID returns the id in the path, or "" if there is none of the form that Latchkey gives ids: callers also write
// other things into a path, even their keys.
func (r *Request) namedID() string {
	id := r.Path("id")
	kind, _, _ := strings.Cut(id, "_")
	if apikey.ValidID(id) || len(kind) == 3 && randomid.Valid(kind+"_", id) {
		return id
	}
	return ""
}

// metricOf returns the metric that counts a problem, or "".
func metricOf(p *problem.Problem) string {
	switch {
	case p.Status == 429:
		return "Limited"
	case p.Code == problem.InvalidCredentials.Code, p == problem.WrongPassword:
		return "LoginsRefused"
	}
	return ""
}
