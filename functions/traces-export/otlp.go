package main

import (
	"strconv"
	"time"
)

// The JSON form of OTLP's ExportTraceServiceRequest, as far as it is used here: ids in hex, times and 64-bit numbers as text.
// https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
type object map[string]any

// An attribute's value has the name of its type.
type attribute struct {
	Key   string `json:"key"`
	Value object `json:"value"`
}

func text(value string) object { return object{"stringValue": value} }

func number(value int) object { return object{"intValue": strconv.Itoa(value)} }

// kinds and states of spans, as OTLP numbers them.
const (
	internal = 1
	server   = 2

	failed = 2
)

func document(stack string, spans []span) object {
	list := make([]object, len(spans))
	for i, s := range spans {
		list[i] = s.otlp()
	}
	return object{"resourceSpans": []object{{
		"resource": object{"attributes": []attribute{
			{"service.name", text(stack)}, {"cloud.provider", text("aws")}, {"cloud.platform", text("aws_lambda")},
		}},
		"scopeSpans": []object{{"scope": object{"name": "latchkey"}, "spans": list}},
	}}}
}

func (s span) otlp() object {
	kind, status := internal, object{}
	if s.server {
		kind = server
	}
	if s.failed {
		status["code"] = failed
	}
	return object{
		"traceId": s.traceID(), "spanId": s.spanID(), "name": s.name, "kind": kind, "status": status,
		"startTimeUnixNano": nanoseconds(s.start), "endTimeUnixNano": nanoseconds(s.end), "attributes": s.attributes,
	}
}

func nanoseconds(at time.Time) string { return strconv.FormatInt(at.UnixNano(), 10) }
