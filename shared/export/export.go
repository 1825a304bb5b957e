// Package export owns what a bucket gets of the audit log: a line of JSON for each change of the
// table that is about an entry. docs/audit.md describes the lines.
//
//	the table ─► its stream ─► functions/audit-export ─► the bucket
package export

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/store"
)

// A Batch is what Lambda hands on of a table's stream, in the order of the changes.
// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-example.html
type Batch struct {
	Records []Record `json:"Records"`
}

// A Record is one change of one item.
type Record struct {
	ID       string `json:"eventID"` // the same each time when the record is delivered
	Kind     string `json:"eventName"`
	Identity struct {
		Principal string `json:"principalId"`
	} `json:"userIdentity"`
	Change struct {
		At  float64         `json:"ApproximateCreationDateTime"` // epoch seconds
		New json.RawMessage `json:"NewImage"`
		Old json.RawMessage `json:"OldImage"`
	} `json:"dynamodb"`
}

// byRetention is who removes what has expired.
const byRetention = "dynamodb.amazonaws.com"

// Events of a Line.
const (
	Logged  = "logged"
	Counted = "counted" // the uses of an entry so far
	Changed = "changed" // something that no function does to an entry
	Removed = "removed" // before its time, likewise
	Erased  = "erased"  // the person, from the entry of an account, or what names a customer from its entry
)

// A Line is one line of the export.
type Line struct {
	ID    string       `json:"id"`
	Event string       `json:"event"`
	Time  time.Time    `json:"time"` // of the change in the table
	Stack string       `json:"stack"`
	Entry *audit.Entry `json:"entry,omitempty"`

	Before     *audit.Entry    `json:"before,omitempty"` // what was changed
	Unreadable json.RawMessage `json:"item,omitempty"`   // the item, if it is no entry
}

// Lines returns the lines of a batch. Of the counts of one entry it returns the last. Nothing in a
// batch makes it fail: then no entry after it would be exported.
func Lines(b Batch, stack string) []Line {
	var lines []Line
	counts := map[string]int{} // where the line of an entry with counts is
	for _, r := range b.Records {
		line, ok := r.line(stack)
		if !ok {
			continue
		}
		if line.Event == Counted {
			entry := line.Entry.Of() + line.Entry.ID
			if at, again := counts[entry]; again {
				lines[at] = line
				continue
			}
			counts[entry] = len(lines)
		}
		lines = append(lines, line)
	}
	return lines
}

// LineOf is the line of an entry that was found in the table. Its id is another than in the stream.
func LineOf(e audit.Entry, stack string) Line {
	line := Line{ID: "table-" + e.Of() + "-" + e.ID, Event: Logged, Time: e.At, Stack: stack, Entry: &e}
	if e.Counts() {
		line.Event = Counted
	}
	return line
}

// Time is when the record's change was made.
func (r Record) Time() time.Time { return time.UnixMilli(int64(r.Change.At * 1000)).UTC() }

func (r Record) line(stack string) (Line, bool) {
	if r.Kind == "REMOVE" && r.Identity.Principal == byRetention {
		return Line{}, false
	}
	image := r.Change.New
	if r.Kind == "REMOVE" {
		image = r.Change.Old
	}
	line := Line{ID: r.ID, Event: Logged, Time: r.Time(), Stack: stack}
	entry, err := store.EntryOf(image)
	switch {
	case err != nil || entry.ID == "":
		line.Event, line.Unreadable = Changed, image
	case r.Kind == "REMOVE":
		line.Event, line.Entry = Removed, &entry
	case entry.Counts() && !entry.Erased():
		line.Event, line.Entry = Counted, &entry
	case r.Kind == "MODIFY":
		line.modified(entry, r.Change.Old)
	default:
		line.Entry = &entry
	}
	return line, true
}

// modified has the line of an entry of which nothing but the person may go.
func (l *Line) modified(entry audit.Entry, old json.RawMessage) {
	l.Event, l.Entry = Changed, &entry
	before, err := store.EntryOf(old)
	if err != nil {
		return
	}
	was, err1 := chain.Hash(before)
	is, err2 := chain.Hash(entry)
	if entry.Erased() && !before.Erased() && errors.Join(err1, err2) == nil && bytes.Equal(was, is) {
		l.Event = Erased
		return
	}
	l.Before = &before
}
