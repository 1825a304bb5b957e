package main

import (
	"cmp"
	"slices"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/report"
	"github.com/latchkey/latchkey/shared/store"
)

type rowKey struct {
	start time.Time
	group string
}

// A tally adds sums up by period and group.
type tally struct {
	question
	rows map[rowKey]report.Counts
}

func newTally(q question) *tally { return &tally{q, map[rowKey]report.Counts{}} }

func (t *tally) add(sum store.Sum) {
	if t.outcome != "" && t.outcome != sum.Outcome {
		return
	}
	n := report.Counts{Requests: sum.Count}
	if sum.Outcome != audit.Allowed {
		n.Refusals = sum.Count
	}
	key := rowKey{sum.Hour.Truncate(t.by.length), t.groupOf(sum)}
	t.rows[key] = t.rows[key].Plus(n)
}

func (t *tally) groupOf(sum store.Sum) string {
	switch t.group {
	case report.ByKey:
		return sum.Key
	case report.ByCustomer:
		return sum.Customer
	case report.ByRoute:
		return sum.Route
	case report.ByOutcome:
		return sum.Outcome
	case report.ByProject:
		return sum.Project
	}
	return ""
}

// answer returns a page of the rows, of which those from until on may be incomplete if it is not zero.
func (t *tally) answer(until time.Time) *report.Answer {
	a := &report.Answer{From: t.from, To: t.to, By: t.by.name, Group: report.Optional(t.group), Usage: []report.Row{}, Groups: []report.Group{}}
	var keys []rowKey
	for key := range t.rows {
		if t.after.before(key) && (until.IsZero() || key.start.Before(until)) {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b rowKey) int {
		return cmp.Or(a.start.Compare(b.start), cmp.Compare(a.group, b.group))
	})
	switch room := min(t.limit, fitting(keys)); {
	case len(keys) > room:
		keys = keys[:room]
		last := keys[room-1]
		a.NextCursor = report.Optional(position{start: last.start, group: last.group}.String())
	case !until.IsZero():
		a.NextCursor = report.Optional(position{start: until, whole: true}.String())
	}
	totals := map[string]report.Counts{}
	for _, key := range keys {
		n := t.rows[key]
		a.Total, totals[key.group] = a.Total.Plus(n), totals[key.group].Plus(n)
		a.Usage = append(a.Usage, report.Row{Start: key.start, Group: report.Optional(key.group), Counts: n})
	}
	if t.group == "" {
		return a
	}
	for group, n := range totals {
		a.Groups = append(a.Groups, report.Group{Group: report.Optional(group), Counts: n})
	}
	slices.SortFunc(a.Groups, func(a, b report.Group) int {
		return cmp.Or(cmp.Compare(b.Requests, a.Requests), cmp.Compare(a.ID(), b.ID()))
	})
	return a
}

// fitting is how many of the rows fit into an answer with their groups: Lambda takes 6 MB.
func fitting(keys []rowKey) int {
	const most, each = 5 << 20, 200
	size := 0
	for i, key := range keys {
		if size += each + 2*len(key.group); size > most {
			return i
		}
	}
	return len(keys)
}
