package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/aws-lambda-go/events"
)

type handler struct {
	stack     string
	percent   int // of the requests
	collector *collector
}

// serve sends the spans of one delivery. After an error Lambda delivers it again, twice; a span that comes again has the same
// ids, so a collector can tell.
func (h handler) serve(ctx context.Context, event events.CloudwatchLogsEvent) error {
	delivery, err := event.AWSLogs.Parse()
	if err != nil {
		return fmt.Errorf("the delivery cannot be read: %w", err)
	}
	if delivery.MessageType != "DATA_MESSAGE" { // CloudWatch Logs tests the subscription
		return nil
	}
	var spans []span
	for _, e := range delivery.LogEvents {
		if s, ok := spanOf(e.Message); ok && s.sampled(h.percent) {
			spans = append(spans, s)
		}
	}
	if len(spans) == 0 {
		return nil
	}
	err = h.collector.send(ctx, document(h.stack, spans))
	if err != nil {
		slog.LogAttrs(ctx, slog.LevelError, "traces not exported", slog.Int("spans", len(spans)), slog.String("error", err.Error()))
	}
	return err
}
