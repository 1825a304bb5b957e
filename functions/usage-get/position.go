package main

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/problem"
)

// A position is where a page ended: with a group of the period that begins at start or, if whole is true,
// before that period.
type position struct {
	start time.Time
	whole bool
	group string
}

// before reports whether the position is before a row.
func (p position) before(row rowKey) bool {
	if !row.start.Equal(p.start) {
		return row.start.After(p.start)
	}
	return p.whole || row.group > p.group
}

func (p position) String() string {
	text := p.start.Format(time.RFC3339)
	if !p.whole {
		text += " " + p.group
	}
	return base64.RawURLEncoding.EncodeToString([]byte(text))
}

// readPosition reads the cursor of a page of that question.
func readPosition(cursor string, q question) (position, error) {
	if cursor == "" {
		return position{}, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	begins, group, grouped := strings.Cut(string(text), " ")
	start, wrong := time.Parse(time.RFC3339, begins)
	if err != nil || wrong != nil || start.Before(q.from) || !start.Before(q.to) || !start.Truncate(q.by.length).Equal(start) {
		return position{}, problem.InvalidParameter.WithDetail("cursor does not come from this question")
	}
	return position{start.UTC(), !grouped, group}, nil
}
