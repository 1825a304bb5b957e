// Package metric puts CloudWatch metrics into a log line, in the embedded metric format. The line
// is log and metric at once, so a metric needs no call.
//
// Every metric has the dimension "stack". Each further dimension multiplies what CloudWatch
// charges, so there are few.
package metric

import (
	"log/slog"
	"os"
	"time"
)

// Namespace of all metrics.
const Namespace = "Latchkey"

// Units, in CloudWatch's words.
const (
	Count        = "Count"
	Milliseconds = "Milliseconds"
)

// A Value is one measurement.
type Value struct {
	Name  string
	Unit  string
	Value float64
	By    string // the attribute of the line that is the metric's second dimension, or ""
}

// Millis converts a duration to milliseconds, the unit of metrics and logs.
func Millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Attrs returns the attributes of a line that hold the values and describe them to CloudWatch.
func Attrs(now time.Time, values ...Value) []slog.Attr {
	type definition struct {
		Name string
		Unit string
	}
	type directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []definition
	}
	attrs := []slog.Attr{slog.String("stack", os.Getenv("STACK_NAME"))}
	var directives []directive
	for _, v := range values {
		dimensions := []string{"stack"}
		if v.By != "" {
			dimensions = append(dimensions, v.By)
		}
		directives = append(directives, directive{Namespace, [][]string{dimensions}, []definition{{v.Name, v.Unit}}})
		attrs = append(attrs, slog.Float64(v.Name, v.Value))
	}
	return append(attrs, slog.Any("_aws", struct {
		Timestamp         int64
		CloudWatchMetrics []directive
	}{now.UnixMilli(), directives}))
}
