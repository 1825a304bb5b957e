package store

import (
	"time"

	"github.com/latchkey/latchkey/shared/audit"
)

// A batch is what one transaction counts of a process's uses.
type batch struct {
	logged, summed numbers // of the uses that are in the entries and in the sums, with those of the batch
	uses           int     // that the batch adds to either

	entries map[string]audit.Entry
	sums    map[Place]sum
}

func newBatch(was countedItem) (*batch, error) {
	logged, err := parseNumbers(was.Numbers)
	if err != nil {
		return nil, err
	}
	summed, err := parseNumbers(was.Summed)
	return &batch{logged: logged, summed: summed, entries: map[string]audit.Entry{}, sums: map[Place]sum{}}, err
}

func (b *batch) counted() countedItem { return countedItem{b.logged.String(), b.summed.String()} }

// add adds a use to what does not have it yet. It reports whether there was room.
func (b *batch) add(u audit.Use, retention time.Duration) bool {
	logged, isNew := b.logged.with(u.Number)
	summed, toSum := b.summed.with(u.Number)
	if !isNew && !toSum {
		return true
	}
	e := u.Entry(retention)
	room := mostItems - len(b.entries) - len(b.sums)
	if _, ok := b.entries[e.KeyID+e.ID]; isNew && !ok {
		room--
	}
	sums := sumsOf(u, retention)
	for place := range sums {
		if _, ok := b.sums[place]; toSum && !ok {
			room--
		}
	}
	if room < 0 {
		return false
	}
	b.uses++
	if isNew {
		b.logged = logged
		b.log(e)
	}
	if toSum {
		b.summed = summed
		for place, sum := range sums {
			b.sums[place] = b.sums[place].plus(sum)
		}
	}
	return true
}

func (b *batch) log(e audit.Entry) {
	if sum, ok := b.entries[e.KeyID+e.ID]; ok {
		sum.Count, sum.Refusals = sum.Count+e.Count, sum.Refusals+e.Refusals
		e = sum
	}
	b.entries[e.KeyID+e.ID] = e
}
