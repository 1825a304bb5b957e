package chain

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
)

// A Report is what Verify found out about the chain of one key.
type Report struct {
	Chained   int       `json:"chained"`          // entries in their places
	Expired   int       `json:"expired"`          // entries that their retention has ended
	Unchained int       `json:"unchained"`        // changes from releases without a chain
	Erased    int       `json:"erased,omitempty"` // entries without the person whom they named
	Findings  []Finding `json:"findings,omitempty"`
}

// A Finding is something that no function of Latchkey does to a log.
type Finding struct {
	Kind  string `json:"kind"`
	Seq   int    `json:"seq,omitempty"`
	Entry string `json:"entry,omitempty"` // its id
	Text  string `json:"text"`
}

// The kinds of findings.
const (
	Removed   = "removed"
	Altered   = "altered"
	Inserted  = "inserted"
	Unchained = "unchained" // a change without a place in the chain, where none can come from an older release
)

// Verify checks the entries of one key, in any order, against the head of its chain. Releases
// without a chain ran until since, perhaps beside this one: later changes must have their place in
// it. If since is zero, the changes before the chain's first are taken as theirs.
func Verify(head audit.Head, entries []Entry, since, now time.Time) Report {
	v := verifier{now: now}
	var links []Entry
	for _, e := range entries {
		if e.Chain != nil {
			links = append(links, e)
		}
	}
	slices.SortFunc(links, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Chain.Seq, b.Chain.Seq), cmp.Compare(a.ID, b.ID))
	})
	var last audit.Head
	for _, e := range links {
		last = v.link(last, e)
	}
	v.end(last, head)
	for _, e := range entries {
		v.unchained(e, links, since)
		if e.Erased() {
			v.Erased++
		}
	}
	return v.Report
}

type verifier struct {
	Report
	now time.Time
}

// find notes a finding, unless the same one stands already.
func (v *verifier) find(kind string, seq int, entry, format string, args ...any) {
	if seq > 0 && slices.ContainsFunc(v.Findings, func(f Finding) bool { return f.Kind == kind && f.Seq == seq }) {
		return
	}
	v.Findings = append(v.Findings, Finding{kind, seq, entry, fmt.Sprintf(format, args...)})
}

// link checks the next entry after the one that last names, and returns what names this one.
func (v *verifier) link(last audit.Head, e Entry) audit.Head {
	if e.Chain.Seq <= last.ChainSeq {
		v.find(Inserted, e.Chain.Seq, e.ID, "another entry is at this place")
		return last
	}
	v.Chained++
	if !e.Intact {
		v.find(Altered, e.Chain.Seq, e.ID, "it has not the hash that was written with it")
	}
	switch gone := e.Chain.Seq - last.ChainSeq - 1; {
	case gone > 0:
		v.gap(last.ChainSeq, gone, e.Intact && e.Chain.PreviousUntil.Past(v.now))
	case e.Intact && !bytes.Equal(e.Chain.Previous, last.ChainHash):
		v.find(Altered, last.ChainSeq, "", "it is not the entry that the next one follows")
	}
	return audit.Head{ChainSeq: e.Chain.Seq, ChainHash: e.Chain.Hash, ChainUntil: e.ExpiresAt}
}

// gap notes that entries after the place last are gone: entries expire in their order, so if the
// newest of them has expired, all have.
func (v *verifier) gap(last, gone int, expired bool) {
	if expired {
		v.Expired += gone
		return
	}
	for seq := last + 1; seq <= last+gone; seq++ {
		v.find(Removed, seq, "", "it is gone before its time")
	}
}

// end compares the newest entry with the head.
func (v *verifier) end(last, head audit.Head) {
	switch {
	case last.ChainSeq < head.ChainSeq:
		v.gap(last.ChainSeq, head.ChainSeq-last.ChainSeq, head.ChainUntil.Past(v.now))
	case last.ChainSeq > head.ChainSeq && !last.ChainUntil.Past(v.now): // an expired head may be gone
		v.find(Inserted, last.ChainSeq, "", "it is beyond the head of the chain, which is at %d", head.ChainSeq)
	case last.ChainSeq == head.ChainSeq && !bytes.Equal(last.ChainHash, head.ChainHash):
		v.find(Altered, last.ChainSeq, "", "it is not the entry that the head of the chain names")
	}
}

// unchained looks at a change without a place in the chain.
func (v *verifier) unchained(e Entry, links []Entry, since time.Time) {
	if e.Chain != nil || !e.Change() {
		return
	}
	var allowed bool
	switch {
	case e.UserID != "" || e.OfACustomer(): // no release wrote the log of an account or a customer without a chain
	case !since.IsZero():
		allowed = !e.At.After(since)
	case len(links) == 0:
		allowed = true
	default: // nothing is before the entry with which a key begins
		first := links[0]
		allowed = first.Action != audit.Created && !e.At.After(first.At)
	}
	if allowed {
		v.Unchained++
		return
	}
	v.find(Unchained, 0, e.ID, "a change (%s) of %s has no place in the chain", e.Action, e.At.Format(time.RFC3339))
}
