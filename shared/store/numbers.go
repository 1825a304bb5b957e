package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// numbers is a set of positive numbers that come nearly in order: few ranges, ascending,
// that neither touch nor overlap. As text it is "1-500,502,510-511".
type numbers []span

type span struct{ first, last int64 }

func parseNumbers(text string) (numbers, error) {
	var n numbers
	for part := range strings.SplitSeq(text, ",") {
		if text == "" {
			break
		}
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("store: %q is not a set of numbers", text)
		}
		to, err := strconv.ParseInt(last, 10, 64)
		if err != nil || from < 1 || to < from || len(n) > 0 && from <= n[len(n)-1].last+1 {
			return nil, fmt.Errorf("store: %q is not a set of numbers", text)
		}
		n = append(n, span{from, to})
	}
	return n, nil
}

func (n numbers) String() string {
	var parts []string
	for _, s := range n {
		part := strconv.FormatInt(s.first, 10)
		if s.last > s.first {
			part += "-" + strconv.FormatInt(s.last, 10)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ",")
}

// with is the set with x in it, and whether x was not in it before.
func (n numbers) with(x int64) (numbers, bool) {
	i := slices.IndexFunc(n, func(s span) bool { return x <= s.last+1 }) // the first that ends at x-1 or later
	switch {
	case i < 0:
		return append(slices.Clip(n), span{x, x}), true
	case n[i].first <= x && x <= n[i].last:
		return n, false
	case x < n[i].first-1:
		return slices.Insert(slices.Clone(n), i, span{x, x}), true
	}
	next := slices.Clone(n)
	next[i] = span{min(next[i].first, x), max(next[i].last, x)}
	if i+1 < len(next) && next[i].last+1 == next[i+1].first {
		next[i].last = next[i+1].last
		next = slices.Delete(next, i+1, i+2)
	}
	return next, true
}
