package strictdynamo

import (
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// lag is row 10: an index follows its table a little later. A Query of an index shows the
// entries as they were LagMS milliseconds ago: new entries are missing, deleted ones are there.
type lag struct {
	mu      sync.Mutex
	changes map[*index][]change // oldest first
}

// A change is a write that an index does not show yet.
type change struct {
	at     time.Time
	id     string // the item
	before item   // its entry before, nil if there was none
}

func (l *lag) serve(c *call, next step) (answer, error) {
	out, err := next()
	late := c.settings.lag()
	if err != nil || !out.ok() || late == 0 {
		return out, err
	}
	now := c.now()
	for _, a := range c.accesses {
		switch {
		case a.lists() && a.index != nil:
			return l.show(c, a, out, now.Add(-late)), nil
		case !a.reads() && (a.Item != nil || a.before != nil || a.mayMoveInIndex()):
			l.note(a, now, late)
		}
	}
	return out, nil
}

// note keeps the changes of a write to the indexes for the time of the lag.
func (l *lag) note(a *access, now time.Time, late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changes == nil {
		l.changes = map[*index][]change{}
	}
	for _, x := range a.table.indexes {
		list := slices.DeleteFunc(l.changes[x], func(c change) bool { return !c.at.After(now.Add(-late)) })
		l.changes[x] = append(list, change{now, a.id, x.entry(a.before)})
	}
}

// show undoes, in the answer to a Query, the changes since a time, the newest first.
func (l *lag) show(c *call, a *access, out answer, since time.Time) answer {
	l.mu.Lock()
	recent := slices.Clone(l.changes[a.index])
	l.mu.Unlock()
	recent = slices.DeleteFunc(recent, func(c change) bool { return !c.at.After(since) })
	if len(recent) == 0 {
		return out
	}
	var body map[string]any
	var got struct {
		Items            []item
		LastEvaluatedKey item
	}
	if json.Unmarshal(out.body, &body) != nil || json.Unmarshal(out.body, &got) != nil || got.Items == nil {
		return out
	}
	page := page{query: c.keyCondition(a), call: c, index: a.index, items: got.Items, last: got.LastEvaluatedKey}
	for _, change := range slices.Backward(recent) {
		page.takeBack(change)
	}
	page.cut()
	body["Items"], body["Count"], body["ScannedCount"] = page.items, len(page.items), len(page.items)
	delete(body, "LastEvaluatedKey")
	if page.last != nil {
		body["LastEvaluatedKey"] = page.last
	}
	return out.replace(body)
}

// A page has the entries that a Query or a Scan of an index found. If there are more, last is the
// key of its end. A Scan does not show what is gone: its order is not known here.
type page struct {
	query []keyCondition
	call  *call
	index *index
	items []item
	last  item
}

func (g *page) takeBack(c change) {
	table := g.index.table
	g.items = slices.DeleteFunc(g.items, func(it item) bool { return table.name+" "+table.keyOf(it) == c.id })
	if c.before == nil || g.call.operation == "Scan" || !g.covers(c.before) {
		return
	}
	at := slices.IndexFunc(g.items, func(it item) bool { return g.order(it, c.before) > 0 })
	if at < 0 {
		at = len(g.items)
	}
	g.items = slices.Insert(g.items, at, c.before)
}

// covers reports whether an entry belongs on this page.
func (g *page) covers(entry item) bool {
	for _, condition := range g.query {
		if !condition.holds(entry) {
			return false
		}
	}
	start := g.call.request.ExclusiveStartKey
	return (start == nil || g.order(start, entry) < 0) && (g.last == nil || g.order(entry, g.last) < 0)
}

// order compares two entries in the direction of the Query.
func (g *page) order(a, b item) int {
	n := a[g.index.sort].compare(b[g.index.sort])
	if forward := g.call.request.ScanIndexForward; forward != nil && !*forward {
		return -n
	}
	return n
}

// cut shortens a page to the Query's limit.
func (g *page) cut() {
	limit := g.call.request.Limit
	if limit > 0 && len(g.items) > limit {
		g.items = g.items[:limit]
		g.last = g.items[limit-1].only(g.index.table.hash, g.index.table.sort, g.index.hash, g.index.sort)
	}
}
