package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/metric"
	"github.com/latchkey/latchkey/shared/rehash"
	"github.com/latchkey/latchkey/shared/usage"
)

type handler struct {
	counter usage.Counter
	rehash  rehash.Applier
}

// serve counts one delivery, and gives keys the new hashes in its lines. After an error Lambda delivers it again, twice; its lines
// stay in the log for functions/uses-replay.
func (h handler) serve(ctx context.Context, event events.CloudwatchLogsEvent) error {
	delivery, err := event.AWSLogs.Parse()
	if err != nil {
		return fmt.Errorf("the delivery cannot be read: %w", err)
	}
	if delivery.MessageType != "DATA_MESSAGE" { // CloudWatch Logs tests the subscription
		return nil
	}
	var lines []string
	for _, e := range delivery.LogEvents {
		lines = append(lines, e.Message)
	}
	counted, err := h.counter.Count(ctx, lines)
	if err == nil {
		var forged int
		forged, err = h.rehash.Apply(ctx, lines)
		counted.Rejected += forged
	}
	log(ctx, delivery, counted, err)
	return err
}

// log writes the delivery's one line, and the metrics UsesCounted, UsesRejected and
// UsesDelay: how old the oldest use was when it was counted.
func log(ctx context.Context, delivery events.CloudwatchLogsData, counted usage.Counted, err error) {
	level, attrs := slog.LevelInfo, []slog.Attr{slog.String("log_stream", delivery.LogStream), slog.Int("uses", counted.Uses)}
	if counted.Rejected > 0 {
		level = slog.LevelError
	}
	if err != nil {
		level, attrs = slog.LevelError, append(attrs, slog.String("error", err.Error()))
	}
	slog.LogAttrs(ctx, level, "uses counted", append(attrs, metric.Attrs(time.Now(),
		metric.Value{Name: "UsesCounted", Unit: metric.Count, Value: float64(counted.Added)},
		metric.Value{Name: "UsesRejected", Unit: metric.Count, Value: float64(counted.Rejected)},
		metric.Value{Name: "UsesDelay", Unit: metric.Milliseconds, Value: metric.Millis(counted.Delay)})...)...)
}
