package audit

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"
)

// A Use is one request with a key, as the line of its check tells it (package verification).
type Use struct {
	Process string // that checked the key
	Number  int64  // of this use among those of the process, from 1

	KeyID, Owner, Project string
	Proven                bool // the caller has the key's secret; otherwise it only named the key
	Refused               bool

	API                  string // <id>/<stage>
	Address, Route       string
	UserAgent, RequestID string
	At                   time.Time
}

// Entry is what the use adds to the log, to be kept for retention. Uses of the same key
// whose entries have the same id are one entry, with the first one's particulars.
func (u Use) Entry(retention time.Duration) Entry {
	hour := u.At.UTC().Truncate(time.Hour)
	e := Entry{
		ID:    useID(hour, Used, u.API, u.Address, u.Route),
		KeyID: u.KeyID, Owner: u.Owner, Project: u.Project,
		At: hour, Action: Used, Actor: Actor{Type: "key", ID: u.KeyID},
		Address: u.Address, UserAgent: u.UserAgent, RequestID: u.RequestID, API: u.API, Route: u.Route,
		Count: 1, ExpiresAt: u.At.Add(retention).Unix(),
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
