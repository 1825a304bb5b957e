package gateway

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/latchkey/latchkey/shared/problem"
)

// linesTypes are the media types of JSON Lines, and the one that clients send for all JSON.
var linesTypes = []string{"", "application/jsonl", "application/x-ndjson", "application/json"}

// A Line is one line of a body of JSON Lines.
type Line struct {
	Number int // from 1
	text   []byte
}

// Lines returns the lines of a body of JSON Lines that are not empty, of which there are 1 to most.
func (r *Request) Lines(most int) ([]Line, error) {
	body, err := r.Body()
	if err != nil {
		return nil, err
	}
	if !slices.Contains(linesTypes, r.MediaType()) {
		return nil, problem.UnsupportedMediaType.WithDetail("Send the body as application/jsonl")
	}
	var lines []Line
	for i, text := range bytes.Split(body, []byte("\n")) {
		if text = bytes.TrimSpace(text); len(text) > 0 {
			lines = append(lines, Line{i + 1, text})
		}
	}
	if len(lines) == 0 || len(lines) > most {
		return nil, problem.Validation(problem.Field{Field: "", Message: fmt.Sprintf("the body must have 1 to %d lines, each a JSON object", most)})
	}
	return lines, nil
}

// JSON reads the line into v, as Request.JSON reads a body.
func (l Line) JSON(v any) error { return readObject(l.text, v) }
