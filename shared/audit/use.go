package audit

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// Allowed is the outcome of a use that was not refused.
const Allowed = "allowed"

// A Use is one request with a key, as it is in the line of its check (package verification).
type Use struct {
	Process string // that checked the key
	Number  int64  // of this use among those of the process, from 1

	KeyID, Owner, Project string
	Customer              string // for whom the key was made, or ""
	Proven                bool   // the caller has the key's secret; otherwise it only named the key
	Refused               bool
	Outcome               string // Allowed, or the error code of the refusal

	API                  string // <id>/<stage>
	Address, Route       string
	UserAgent, RequestID string
	At                   time.Time
}

// Entry returns the log entry to which the use is added, kept for the duration retention. Uses of
// one key with the same entry id share the entry, which has the details of the first.
func (u Use) Entry(retention time.Duration) Entry {
	hour := u.At.UTC().Truncate(time.Hour)
	e := Entry{
		ID:    useID(hour, Used, u.API, u.Address, u.Route),
		KeyID: u.KeyID, Owner: u.Owner, Project: u.Project,
		At: hour, Action: Used, Actor: Actor{Type: "key", ID: u.KeyID},
		Address: u.Address, UserAgent: u.UserAgent, RequestID: u.RequestID, API: u.API, Route: u.Route,
		Count: 1, ExpiresAt: Moment(u.At.Add(retention).Unix()),
	}
	if u.Refused {
		e.Refusals = 1
	}
	if !u.Proven {
		e.ID, e.Action, e.Actor = useID(hour, Refused), Refused, Actor{Type: "unknown"}
	}
	return e
}

// useID is a ULID whose time is the hour and whose entropy is the hash of the rest.
func useID(hour time.Time, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return ulid.MustNew(ulid.Timestamp(hour), bytes.NewReader(sum[:])).String()
}
