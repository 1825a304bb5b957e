package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/run"
)

// request is the body: events, and optionally a status that ends the run.
type request struct {
	Events []json.RawMessage `json:"events"`
	Status string            `json:"status"`
}

// Kinds of events. An end event is the last one of a run, and has the status that the run ended
// with.
const (
	kindStatus = "status"
	kindAssist = "assist"
	kindEnd    = "end"
)

// maxDepth is how deep an event may be nested, to protect the programs that parse it.
const maxDepth = 32

// read checks the request, and returns everything that is wrong in one error. If the request ends
// the run without an end event, read adds one, so that every run's events show how it ended.
func (b request) read() (run.Append, error) {
	var wrong []problem.Field
	check := func(field, message string) {
		if message != "" {
			wrong = append(wrong, problem.Field{Field: field, Message: message})
		}
	}
	ends := b.Status == run.Pass || b.Status == run.Fail
	if !ends && b.Status != "" && b.Status != run.Running {
		check("status", "must be running, pass or fail")
	}
	switch {
	case len(b.Events) > run.MaxEvents:
		return run.Append{}, problem.Validation(problem.Field{
			Field: "events", Message: fmt.Sprintf("must have at most %d events", run.MaxEvents),
		})
	case len(b.Events) == 0 && !ends:
		check("events", "must have at least one event, unless the status is pass or fail")
	}
	out := run.Append{Status: run.Running}
	if ends {
		out.Status = b.Status
	}
	ended := false
	for i, raw := range b.Events {
		e, kind, message := readEvent(raw)
		if message == "" && kind == kindEnd {
			ended = true
			message = e.end(b.Status, ends && i == len(b.Events)-1)
		}
		check(fmt.Sprintf("events[%d]", i), message)
		out.Events = append(out.Events, e.encode())
	}
	if wrong != nil {
		return run.Append{}, problem.Validation(wrong...)
	}
	if ends && !ended {
		e := event{"kind": quote(kindEnd), "status": quote(b.Status)}
		out.Events = append(out.Events, e.encode())
	}
	return out, nil
}

// An event has the fields of one event, each once.
type event map[string]json.RawMessage

// readEvent checks what every event must fulfil. It refuses names that differ from seq, at and
// kind only in capitals, because some parsers ignore case.
func readEvent(raw json.RawMessage) (e event, kind, message string) {
	if json.Unmarshal(raw, &e) != nil || e == nil {
		return nil, "", "must be a JSON object"
	}
	if depth(raw) > maxDepth {
		return nil, "", fmt.Sprintf("must not be nested deeper than %d levels", maxDepth)
	}
	for name := range e {
		if strings.EqualFold(name, "seq") || strings.EqualFold(name, "at") {
			return nil, "", "must not have " + name + ": seq and at are given here"
		}
		if strings.EqualFold(name, "kind") && name != "kind" {
			return nil, "", "must spell kind in small letters"
		}
	}
	if json.Unmarshal(e["kind"], &kind) != nil || kind != kindStatus && kind != kindAssist && kind != kindEnd {
		return nil, "", "must have a kind: status, assist or end"
	}
	return e, kind, ""
}

// end checks an end event, and gives it the status with which the run ends.
func (e event) end(status string, allowed bool) (message string) {
	if !allowed {
		return "must be the last event of a request with status pass or fail, being of kind end"
	}
	var own string
	if sent, ok := e["status"]; ok && (json.Unmarshal(sent, &own) != nil || own != status) {
		return "must have the status of the request, or none"
	}
	e["status"] = quote(status)
	return ""
}

// encode returns the event as JSON without spaces.
func (e event) encode() json.RawMessage {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // it would turn one byte into six
	if err := enc.Encode(e); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(b.Bytes())
}

func quote(word string) json.RawMessage { return json.RawMessage(`"` + word + `"`) }

func depth(raw json.RawMessage) int {
	deepest, now := 0, 0
	for dec := json.NewDecoder(bytes.NewReader(raw)); ; {
		token, err := dec.Token()
		if err != nil {
			return deepest
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			now++
			deepest = max(deepest, now)
		case json.Delim('}'), json.Delim(']'):
			now--
		}
	}
}
