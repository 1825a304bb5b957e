// Package metric puts CloudWatch metrics into a log line, in the embedded metric format:
// the line is the log and the metric at once, and costs no call.
//
// Every metric has the dimension "stack"; each further one multiplies what CloudWatch
// charges, so only what somebody looks at is told apart.
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
	By    string // name of an attribute of the line to tell the metric apart by, or ""
}

// Millis is a duration as metrics and logs have it.
func Millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Attrs are the line's attributes that hold the values and tell CloudWatch of them.
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
