package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/latchkey/latchkey/tests/machine"
)

// A result is all that the report tells.
type result struct {
	*load
	commit              string // at the beginning
	began               time.Time
	took                time.Duration
	items               int
	structure, promises []string
}

// write prints the report, and writes it to path if there is one. It returns an error if there are findings.
func write(path string, r result) error {
	text := r.text()
	fmt.Println(text)
	if path != "" {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	if n := len(r.findings) + len(r.structure) + len(r.promises); n > 0 {
		return errors.New(fmt.Sprint(n) + " findings")
	}
	return nil
}

func (r result) text() string {
	out := &strings.Builder{}
	total, verified := 0, 0
	for kind, statuses := range r.counts {
		for _, n := range statuses {
			if total += n; kind == verify {
				verified += n
			}
		}
	}
	fmt.Fprintf(out, "Written by `make soak` on %s at %s: commit %s, %d × %s, %s.\n\n", r.began.UTC().Format(time.DateOnly), moment(r.began),
		r.commit, runtime.NumCPU(), machine.Processor(), runtime.Version())
	fmt.Fprintf(out, "%d requests in %v, %.0f a second, %.0f %% of them verifications: a request that does little but have its credential checked. "+
		"One of ten of these was sent with a credential that an earlier answer had ended. All the time one call of the table in a hundred is throttled, "+
		"and one write in a hundred meets a transaction.\n\n", total, r.took.Round(time.Second), float64(total)/r.took.Seconds(), 100*float64(verified)/float64(total))
	slices.Sort(r.times)
	at := func(percent int) time.Duration {
		return r.times[min(len(r.times)-1, len(r.times)*percent/100)].Round(time.Millisecond)
	}
	if len(r.times) > 0 {
		fmt.Fprintf(out, "A verification took %v (median; nine of ten within %v, 99 of a hundred within %v), faults and all, on this busy machine.\n\n", at(50), at(90), at(99))
	}
	r.requests(out)
	r.happenings(out)
	findings(out, "Answers that were wrong, or that no fault explains", r.findings)
	findings(out, fmt.Sprintf("The table of %d items, in itself", r.items), r.structure)
	findings(out, "The table, beside what was answered", r.promises)
	return out.String()
}

// requests is the table of answers by kind and status.
func (r result) requests(out *strings.Builder) {
	statuses := map[string]bool{}
	for _, counts := range r.counts {
		for status := range counts {
			statuses[status] = true
		}
	}
	columns := slices.Sorted(maps.Keys(statuses))
	fmt.Fprintf(out, "## Answers\n\n| | %s |\n|---|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
	for _, kind := range slices.Sorted(maps.Keys(r.counts)) {
		fmt.Fprintf(out, "| %s |", kind)
		for _, status := range columns {
			fmt.Fprintf(out, " %d |", r.counts[kind][status])
		}
		out.WriteString("\n")
	}
	fmt.Fprintf(out, "\n%d keys, %d runs. Every 503 had `Retry-After`, and the request, repeated, was answered.\n\n", len(r.ledger.keys), len(r.ledger.runs))
}

// happenings is the table of faults.
func (r result) happenings(out *strings.Builder) {
	fmt.Fprintf(out, "## Faults\n\nOne a minute. A 503 is a right answer while a fault lasts, and %v after it.\n\n| from | to | | 503s |\n|---|---|---|---|\n", aftermath)
	for _, h := range r.faults.happened {
		explained := fmt.Sprint(h.explained)
		if h.clean {
			explained = "none is right"
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s |\n", moment(h.began), moment(h.ended), h.name, explained)
	}
	out.WriteString("\n")
}

// mostFindings is how many findings of a kind are printed.
const mostFindings = 30

func findings(out *strings.Builder, title string, list []string) {
	fmt.Fprintf(out, "## %s\n\n", title)
	for _, one := range list[:min(len(list), mostFindings)] {
		fmt.Fprintf(out, "- %s\n", one)
	}
	if len(list) == 0 {
		out.WriteString("Nothing was found.\n")
	} else if len(list) > mostFindings {
		fmt.Fprintf(out, "- and %d more\n", len(list)-mostFindings)
	}
	out.WriteString("\n")
}
