// Package quota owns the arithmetic of quotas: how much a key may spend in a month or a day of UTC,
// or until it gets more. Package store keeps what is left, on the item that the check of a key writes
// anyway.
package quota

import (
	"fmt"
	"time"
)

// A Period is a span of the calendar, in UTC, for which a quota is.
type Period string

const (
	Credits Period = "" // until the quota is set again
	Day     Period = "day"
	Month   Period = "month"
)

// Max is the largest quota, and MaxCost the most that one request can take from it.
const (
	Max     = 1_000_000_000_000
	MaxCost = 1_000_000
)

// A Quota is what may be spent, and what is left of it. Its zero value is none. The names of its
// attributes are in package store, which counts (spend.go).
type Quota struct {
	Limit  int64  `dynamodbav:"quota_limit,omitempty"` // 0: there is no quota, whatever Left is
	Period Period `dynamodbav:"quota_period,omitempty"`
	Left   int64  `dynamodbav:"quota_left,omitempty"`  // below 0 if the limit was lowered under what is spent
	Until  int64  `dynamodbav:"quota_until,omitempty"` // epoch seconds at which the period of Left ends; 0 for credits
}

// New returns a quota of which nothing is spent.
func New(limit int64, p Period, now time.Time) Quota {
	return Quota{Limit: limit, Period: p, Left: limit, Until: p.End(now)}
}

// Known reports whether this release knows a period.
func (p Period) Known() bool { return p == Credits || p == Day || p == Month }

// End returns when the period ends that contains now, in epoch seconds, or 0 if it has no end.
func (p Period) End(now time.Time) int64 {
	_, end := p.around(now)
	return end
}

func (p Period) around(now time.Time) (began, end int64) {
	y, m, d := now.UTC().Date()
	switch p {
	case Day:
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix(), time.Date(y, m, d+1, 0, 0, 0, 0, time.UTC).Unix()
	case Month:
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC).Unix(), time.Date(y, m+1, 1, 0, 0, 0, 0, time.UTC).Unix()
	}
	return 0, 0
}

// Over reports whether the period of Left has ended.
func (q Quota) Over(now time.Time) bool { return q.Until != 0 && q.Until <= now.Unix() }

// At returns the quota as it is at a moment: if its period has ended, nothing of the next is spent.
func (q Quota) At(now time.Time) Quota {
	if q.Over(now) && q.Period != Credits && q.Period.Known() {
		return New(q.Limit, q.Period, now)
	}
	return q
}

// Admits reports whether there is no quota, or cost is left of it.
func (q Quota) Admits(cost int64, now time.Time) bool {
	return q.Limit == 0 || q.At(now).Left >= cost
}

// Within reports whether a quota admits no more than another: it is of the same period, or of
// credits, which no period renews.
func (q Quota) Within(other Quota) bool {
	return other.Limit == 0 || q.Limit != 0 && q.Limit <= other.Limit && (q.Period == other.Period || q.Period == Credits)
}

// AtMost returns the quota with no more left than another has. A new quota that a key gives is one that
// the key could have spent itself.
func (q Quota) AtMost(other Quota, now time.Time) Quota {
	if other.Limit != 0 && q.Limit != 0 {
		q.Left = min(q.Left, max(0, other.At(now).Left))
	}
	return q
}

// GoesOn reports whether a change from one quota to another leaves its period as it is, so that what is
// spent of it stays spent.
func GoesOn(was, next Quota) bool {
	return was.Limit != 0 && next.Limit != 0 && was.Period == next.Period && next.Period != Credits
}

// Raised reports whether a change from one quota to another makes it more.
func Raised(was, next Quota) bool {
	return was.Limit != 0 && (!next.Within(was) || next.Left > was.Left)
}

// A State is what a caller is told of a quota. Its zero value means that there is none.
type State struct {
	Limit      int64
	Period     Period
	Remaining  int64
	Reset      int64 // epoch seconds at which the period ends; 0 for credits
	RetryAfter int64 // whole seconds until then, at least 1; 0 for credits
	Window     int64 // seconds, the length of the period; 0 for credits
}

// State returns the state of a quota.
func (q Quota) State(now time.Time) State {
	if q.Limit == 0 {
		return State{}
	}
	q = q.At(now)
	s := State{Limit: q.Limit, Period: q.Period, Remaining: max(0, q.Left), Reset: q.Until}
	if q.Until != 0 {
		began, end := q.Period.around(time.Unix(q.Until-1, 0))
		s.Window = end - began
		left := time.Unix(q.Until, 0).Sub(now)
		s.RetryAfter = max(1, int64((left+time.Second-1)/time.Second))
	}
	return s
}

// Lines returns the quota's parts of the headers RateLimit and RateLimit-Policy
// (draft-ietf-httpapi-ratelimit-headers). Credits have neither a window nor a time.
func (s State) Lines() (left, policy string) {
	left, policy = fmt.Sprintf(`"quota";r=%d`, s.Remaining), fmt.Sprintf(`"quota";q=%d`, s.Limit)
	if s.Reset != 0 {
		left, policy = fmt.Sprintf("%s;t=%d", left, s.RetryAfter), fmt.Sprintf("%s;w=%d", policy, s.Window)
	}
	return left, policy
}

// A View is a quota as callers see it.
type View struct {
	Limit      int64  `json:"limit"`
	Period     Period `json:"period,omitempty"` // absent: credits
	Remaining  int64  `json:"remaining"`
	Reset      int64  `json:"reset,omitempty"`       // epoch seconds; absent for credits
	RetryAfter int64  `json:"retry_after,omitempty"` // seconds, of a request that was refused for it
}

// View returns what callers see, or nil if there is no quota.
func (s State) View() *View {
	if s.Limit == 0 {
		return nil
	}
	return &View{Limit: s.Limit, Period: s.Period, Remaining: s.Remaining, Reset: s.Reset}
}
