package bench

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// report prints the figures, and writes them to the file that BENCH_REPORT names, if one is named.
func report(b *testing.B, results []result, starts, calls int) {
	b.Helper()
	byName := map[string]result{}
	for _, r := range results {
		byName[r.name] = r
	}
	var out strings.Builder
	fmt.Fprintf(&out, "# What a check costs\n\nWritten by `make bench` on %s: %s, %d × %s, %s, DynamoDB Local. ", time.Now().UTC().Format(time.DateOnly),
		commit(), runtime.NumCPU(), processor(), runtime.Version())
	fmt.Fprintf(&out, "%d fresh processes and %d warm calls of each, in turns, under Amazon's Runtime Interface Emulator. Times in milliseconds.\n\n", starts, calls)
	out.WriteString("`floor` answers and does nothing. `bare key` hashes a key, reads its item and compares: the least that an authorizer can do. " +
		"Their sources are in [tests/bench](../tests/bench).\nSecrets Manager is answered by the benchmark's own process, at once. Cold is from the start of the emulator's own process to the first answer: about 12 ms of it are the emulator's, in every row, as are 0.5 ms of a warm call.\n\n")
	out.WriteString("| | cold p50 | p90 | p99 | ÷ floor | warm p50 | p90 | p99 | CPU a call | warm ÷ bare | CPU ÷ bare | binary MB | zip MB | peak RSS MiB |\n")
	out.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range results {
		floor, bare := byName["floor"], byName[r.against]
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %.1f |\n", r.name,
			ms(at(r.cold, 50)), ms(at(r.cold, 90)), ms(at(r.cold, 99)), ratio(at(r.cold, 50), at(floor.cold, 50)),
			ms(at(r.warm, 50)), ms(at(r.warm, 90)), ms(at(r.warm, 99)), ms(r.cpu),
			ratioTo(bare, at(r.warm, 50), at(bare.warm, 50)), ratioTo(bare, r.cpu, bare.cpu),
			megabytes(r.binary), megabytes(r.size), float64(r.rss)/(1<<20))
	}
	fmt.Println(out.String())
	if path := os.Getenv("BENCH_REPORT"); path != "" {
		must(b, os.WriteFile(path, []byte(out.String()), 0o644))
	}
}

// at returns a percentile of sorted times.
func at(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f", float64(d.Microseconds())/1000) }

func ratio(a, b time.Duration) string { return fmt.Sprintf("%.2f", float64(a)/float64(b)) }

// ratioTo returns "–" for a comparison with the floor, which makes no network call: a ratio would say nothing.
func ratioTo(other result, a, b time.Duration) string {
	if !strings.HasPrefix(other.name, "bare") {
		return "–"
	}
	return ratio(a, b)
}

func megabytes(n int64) string {
	if n == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", float64(n)/1e6)
}

func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty").Output()
	if err != nil {
		return "no commit"
	}
	return strings.TrimSpace(string(out))
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	_, after, found := strings.Cut(string(text), "model name")
	if !found {
		return runtime.GOARCH
	}
	line, _, _ := strings.Cut(after, "\n")
	return strings.TrimSpace(strings.TrimLeft(line, "\t :"))
}
