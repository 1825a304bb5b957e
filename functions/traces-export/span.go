package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"
)

// A line is what the export reads of a log line: that of a request (shared/gateway) or of a check (shared/verification).
// Addresses, user agents and people stay in the log.
type line struct {
	Time      time.Time `json:"time"`
	Level     string    `json:"level"`
	Message   string    `json:"msg"`
	RequestID string    `json:"request_id"`
	Route     string    `json:"route"`
	Status    int       `json:"status"`
	ErrorCode string    `json:"error_code"`
	Outcome   string    `json:"outcome"`
	Key       string    `json:"key"`

	Latency             *float64 // milliseconds, of a request
	VerificationLatency *float64 // of a check
}

const longest = 15 * 60 * 1000 // milliseconds: no function of Lambda runs for longer

// A span is a piece of work, with the ids that OpenTelemetry gives it.
type span struct {
	trace      [16]byte
	id         [8]byte
	server     bool // it answered the request itself
	name       string
	start, end time.Time
	failed     bool
	attributes []attribute
}

// spanOf returns the span of a line, or false for a line about something else.
//
// API Gateway gives a request's check and its function one request id, and the ids follow from that: so both are in one trace,
// though neither function knows of it. A caller's own trace id is not taken over: whoever calls a public API must not be able to
// write into its owner's traces.
func spanOf(text string) (span, bool) {
	var l line
	if json.Unmarshal([]byte(text), &l) != nil || l.RequestID == "" || l.Time.IsZero() {
		return span{}, false
	}
	trace := sha256.Sum256([]byte(l.RequestID))
	id := sha256.Sum256([]byte(l.RequestID + " " + l.Message))
	s := span{trace: [16]byte(trace[:16]), id: [8]byte(id[:8]), end: l.Time, failed: l.Level == "ERROR"}
	method, route, _ := strings.Cut(l.Route, " ")
	s.add("http.request.method", method)
	s.add("http.route", route)
	s.add("latchkey.request_id", l.RequestID)
	s.add("latchkey.key", l.Key)
	took := l.Latency
	switch l.Message {
	case "request":
		s.name, s.server, s.failed = l.Route, true, s.failed || l.Status >= 500
		s.attributes = append(s.attributes, attribute{"http.response.status_code", number(l.Status)})
		s.add("error.type", l.ErrorCode)
	case "verification":
		s.name, took = "check "+l.Route, l.VerificationLatency
		s.add("latchkey.outcome", l.Outcome)
	default:
		return span{}, false
	}
	if took == nil || *took < 0 || *took > longest {
		return span{}, false
	}
	s.start = s.end.Add(-time.Duration(*took * float64(time.Millisecond)))
	return s, true
}

// add adds an attribute with text, unless the text is empty.
func (s *span) add(key, value string) {
	if value != "" {
		s.attributes = append(s.attributes, attribute{key, text(value)})
	}
}

// sampled reports whether the span is among percent of all requests. All spans of a trace are, or none.
func (s span) sampled(percent int) bool {
	const values = 1 << 16
	return (int(s.trace[0])<<8|int(s.trace[1]))*100 < percent*values
}

func (s span) traceID() string { return hex.EncodeToString(s.trace[:]) }

func (s span) spanID() string { return hex.EncodeToString(s.id[:]) }
