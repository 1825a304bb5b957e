package run

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// ErrCursor reports a cursor that does not come from a poll of this run.
var ErrCursor = errors.New("not a cursor of this run")

// maxPage is the approximate limit of the bytes of events in one answer. Lambda's limit is 6 MB,
// and JSON within JSON may turn one byte into seven.
const maxPage = 512 << 10

// The pause before the next poll: a fraction of the time since the last event, within bounds.
const (
	pollSoonest  = 500 * time.Millisecond
	pollLatest   = 5 * time.Second
	pollFraction = 4
)

// Cursor returns the cursor after event seq. Callers send it back unchanged.
func (r *Run) Cursor(seq int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(r.ID + "#" + strconv.Itoa(seq)))
}

// After returns the number of the event that the cursor follows, and 0 for "". It returns
// ErrCursor for a cursor that this run cannot have given out.
func (r *Run) After(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return 0, ErrCursor
	}
	_, number, _ := strings.Cut(string(text), "#")
	seq, err := strconv.Atoi(number)
	if err != nil || seq < 0 || seq > r.LastSeq || r.Cursor(seq) != cursor {
		return 0, ErrCursor
	}
	return seq, nil
}

// PollAfter returns how long a poller that has seen everything should wait; 0 once the run has
// ended.
func (r *Run) PollAfter(now time.Time) time.Duration {
	if r.Finished() {
		return 0
	}
	return min(max(now.Sub(r.LastAt)/pollFraction, pollSoonest), pollLatest)
}

// Events returns at most limit events that follow event number after, as pollers see them, and
// the number of the last one. The batches are in order, oldest first.
func Events(batches []Batch, after, limit int) (events []json.RawMessage, last int, err error) {
	events, last = []json.RawMessage{}, after
	size := 0
	for _, b := range batches {
		if b.First > last+1 {
			return nil, 0, fmt.Errorf("run: event %d is missing", last+1)
		}
		for i := last + 1 - b.First; i < len(b.Events); i++ {
			if len(events) == limit || size > maxPage {
				return events, last, nil
			}
			last++
			events = append(events, show(b.Events[i], last, b.At))
			size += len(b.Events[i])
		}
	}
	return events, last, nil
}

// show puts seq and at before the other fields of an event.
func show(event json.RawMessage, seq int, at time.Time) json.RawMessage {
	return fmt.Appendf(nil, `{"seq":%d,"at":%q,%s`, seq, at.Format(time.RFC3339Nano), event[1:])
}
