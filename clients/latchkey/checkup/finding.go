// Package checkup finds out what is wrong with a deployment. It only reads: what the stack is made of, through
// AWS's own APIs, and what the deployment answers, over HTTP.
//
//	Examine ─► stack.go    what is deployed
//	        ─► a check     a file for each part of the deployment
//	               ├► a Finding   what is wrong, why it matters, what to do
//	               └► a Gap       what could not be looked at, and what that takes
package checkup

import "slices"

// A Severity tells how much a finding matters.
type Severity string

const (
	Broken Severity = "broken" // a promise of Latchkey is not kept now
	Risk   Severity = "risk"   // nothing has happened yet
	Note   Severity = "note"   // it may be meant so
)

// A Finding is one thing that is wrong.
type Finding struct {
	Check    string   `json:"check"`
	Severity Severity `json:"severity"`
	What     string   `json:"what"`
	Why      string   `json:"why"`
	Do       string   `json:"do"`
	Command  string   `json:"command,omitempty"` // for a shell; absent if it needs a choice
}

// A Gap is something that was not looked at. It is never to be taken for fine.
type Gap struct {
	Check  string `json:"check"`
	Reason string `json:"reason"`
	Needs  string `json:"needs,omitempty"` // an action of IAM that the caller lacks
}

// A Report is the result of an examination.
type Report struct {
	Stack      string    `json:"stack"`
	URL        string    `json:"url"`
	Findings   []Finding `json:"findings"`
	NotChecked []Gap     `json:"not_checked"`
	Sound      []string  `json:"sound"` // the checks that were made in full and found nothing
}

// Count returns how many findings have a severity.
func (r Report) Count(severity Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == severity {
			n++
		}
	}
	return n
}

// Wrong reports whether something is to be done.
func (r Report) Wrong() bool { return r.Count(Broken)+r.Count(Risk) > 0 }

// sort puts the worst findings first, and leaves those of one severity in the order of the checks.
func (r *Report) sort() {
	order := []Severity{Broken, Risk, Note}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return slices.Index(order, a.Severity) - slices.Index(order, b.Severity)
	})
}
