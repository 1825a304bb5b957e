package verification

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
)

// ErrNotAUse reports a line that looks like a use of a key, and that Print did not write.
var ErrNotAUse = errors.New("not the line of a key's use")

// ErrOther reports a line about something else. A caller's text in it can make the subscription's pattern match.
var ErrOther = errors.New("the line of something else")

// keyUse is the part of the line about a key's use.
type keyUse struct {
	Process   string `json:"process"`
	Number    int64  `json:"n"`
	At        int64  `json:"at"` // epoch milliseconds
	Owner     string `json:"owner"`
	Project   string `json:"project"`
	Customer  string `json:"customer"` // absent: none, or the line of an older release
	Proven    bool   `json:"proven"`
	API       string `json:"api"`
	Address   string `json:"address"`
	UserAgent string `json:"user_agent"`
}

// isProcess reports whether text has the form of what rand.Text returns.
func isProcess(text string) bool {
	return len(text) == 26 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// isOutcome reports whether text has the form of allowed or of an error code.
func isOutcome(text string) bool {
	return text != "" && len(text) <= 64 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_") == ""
}

// Read reads a use from a line that Print wrote, or returns ErrNotAUse or ErrOther. A caller's text is in
// such a line only inside JSON strings, so no caller can write one. Read also refuses a line that
// differs in any way from what Print writes.
func Read(line string) (audit.Use, error) {
	var l struct {
		Message   string  `json:"msg"`
		RequestID string  `json:"request_id"`
		Route     string  `json:"route"`
		Outcome   string  `json:"outcome"`
		Key       string  `json:"key"`
		Use       *keyUse `json:"key_use"`
	}
	err := json.Unmarshal([]byte(line), &l)
	if err == nil && l.Use == nil && l.Key == "" {
		return audit.Use{}, ErrOther
	}
	if err != nil || l.Use == nil || l.Message != message || !isOutcome(l.Outcome) || !apikey.ValidID(l.Key) {
		return audit.Use{}, ErrNotAUse
	}
	u := *l.Use
	if !isProcess(u.Process) || u.Number < 1 || u.At < 1 || u.Owner == "" || u.Project == "" {
		return audit.Use{}, ErrNotAUse
	}
	return audit.Use{
		Process: u.Process, Number: u.Number,
		KeyID: l.Key, Owner: u.Owner, Project: u.Project, Customer: u.Customer, Proven: u.Proven,
		Refused: l.Outcome != audit.Allowed, Outcome: l.Outcome,
		API: u.API, Address: u.Address, Route: l.Route,
		UserAgent: u.UserAgent, RequestID: l.RequestID, At: time.UnixMilli(u.At).UTC(),
	}, nil
}
