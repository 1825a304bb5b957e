package bench

import (
	_ "embed"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/machine"
)

//go:embed notes.md
var notes string // what no program finds out: why a figure is what it is

// report prints the figures, and writes them to the file that BENCH_REPORT names, if one is named.
func report(b *testing.B, results []result, starts, calls int) {
	b.Helper()
	out := &strings.Builder{}
	fmt.Fprintf(out, "# What a check costs\n\nWritten by `make bench` on %s: commit %s, %d × %s, %s%s.\n\n", time.Now().UTC().Format(time.DateOnly),
		machine.Commit(), runtime.NumCPU(), machine.Processor(), runtime.Version(), os.Getenv("BENCH_VERSIONS"))
	fmt.Fprintf(out, "%d fresh processes and %d warm calls of each function, in turns, under Amazon's Runtime Interface Emulator, with DynamoDB Local. "+
		"`floor` answers and does nothing. `bare key` hashes a key, reads its item (or counts on it) and compares: the least that an authorizer can do. "+
		"Their sources, and those in Node and Python, are in [tests/bench](../tests/bench). Times are in milliseconds. A ratio (÷) is the median of the ratios "+
		"of what was measured in the same turn, so that it holds on a busy machine too.\n", starts, calls)
	missed := &strings.Builder{}
	byName := map[string]result{}
	for _, r := range results {
		byName[r.name] = r
	}
	cold(out, missed, results, byName["floor"])
	warm(out, missed, results, byName)
	size(out, missed, results)
	fmt.Fprintf(out, "\n## Targets missed in this run\n\n%s", missed.String())
	if missed.Len() == 0 {
		out.WriteString("None.\n")
	}
	fmt.Fprintf(out, "\n%s", notes)
	fmt.Println(out.String())
	if path := os.Getenv("BENCH_REPORT"); path != "" {
		must(b, os.WriteFile(path, []byte(out.String()), 0o644))
	}
}

func cold(out, missed *strings.Builder, results []result, floor result) {
	out.WriteString("\n## The first answer of a fresh process\n\nFrom the start of the emulator's process, which is in every row. " +
		"Secrets Manager is answered by the benchmark's process, at once.\n\n| | p50 | p90 | p99 | ÷ floor | at most |\n|---|---|---|---|---|---|\n")
	for _, r := range results {
		by := ratio(r.cold, floor.cold)
		fmt.Fprintf(out, "| %s | %s | %s | %s | %.2f | %s |\n", r.name, ms(at(r.cold, 50)), ms(at(r.cold, 90)), ms(at(r.cold, 99)), by, target(r.most.cold))
		miss(missed, r.name+": the first answer ÷ floor", by, r.most.cold)
	}
}

func warm(out, missed *strings.Builder, results []result, byName map[string]result) {
	out.WriteString("\n## A warm call\n\nThe emulator takes about 0.5 ms of each.\n\n" +
		"| | p50 | p90 | p99 | ÷ bare | at most | CPU | ÷ bare | at most |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range results {
		fmt.Fprintf(out, "| %s | %s | %s | %s |", r.name, ms(at(r.warm, 50)), ms(at(r.warm, 90)), ms(at(r.warm, 99)))
		bare, ok := byName[r.against]
		if !ok {
			fmt.Fprintf(out, " – | | %s | – | |\n", ms(at(r.cpu, 50)))
			continue
		}
		time, cpu := ratio(r.warm, bare.warm), ratio(r.cpu, bare.cpu)
		fmt.Fprintf(out, " %.2f | %s | %s | %.2f | %s |\n", time, target(r.most.warm), ms(at(r.cpu, 50)), cpu, target(r.most.cpu))
		miss(missed, r.name+": a warm call ÷ "+bare.name, time, r.most.warm)
		miss(missed, r.name+": CPU ÷ "+bare.name, cpu, r.most.cpu)
	}
}

// Sizes that the authorizer shall not exceed.
const (
	mostBinary = 9.1  // MB
	mostZip    = 3.6  // MB
	mostRSS    = 14.5 // MiB
)

func size(out, missed *strings.Builder, results []result) {
	fmt.Fprintf(out, "\n## Size\n\nAt most %.1f MB, %.1f MB zipped and %.1f MiB of memory for the authorizer. Memory is the peak of resident memory "+
		"after one call.\n\n| | binary MB | zip MB | memory MiB |\n|---|---|---|---|\n", mostBinary, mostZip, mostRSS)
	seen := map[string]bool{}
	for _, r := range results {
		if seen[r.program] {
			continue
		}
		seen[r.program] = true
		fmt.Fprintf(out, "| %s | %s | %s | %.1f |\n", r.name, megabytes(r.binary), megabytes(r.size), float64(r.rss)/(1<<20))
		if r.name == "key" {
			miss(missed, "the authorizer's binary, MB", float64(r.binary)/1e6, mostBinary)
			miss(missed, "the authorizer's zip, MB", float64(r.size)/1e6, mostZip)
			miss(missed, "the authorizer's memory, MiB", float64(r.rss)/(1<<20), mostRSS)
		}
	}
}

// miss notes a figure that, rounded as it is printed, is above its target.
func miss(out *strings.Builder, what string, got, most float64) {
	if got = math.Round(100*got) / 100; most != 0 && got > most {
		fmt.Fprintf(out, "- %s: %.2f, %.0f %% above %.2f\n", what, got, 100*(got/most-1), most)
	}
}

func target(most float64) string {
	if most == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", most)
}

// at returns a percentile.
func at(times []time.Duration, percent int) time.Duration {
	if len(times) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(times))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }

// ratio returns the median of the ratios of what was measured in the same turn.
func ratio(a, b []time.Duration) float64 {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = float64(a[i]) / float64(b[i])
	}
	return median(ratios)
}

func megabytes(n int64) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", float64(n)/1e6)
}
