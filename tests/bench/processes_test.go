package bench

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// A result has the measurements of a subject, in the order in which they were made.
type result struct {
	subject
	cold, warm   []time.Duration
	cpu          []time.Duration // of a warm call, the mean of each block of calls
	rss          int64           // the median of the peaks of fresh processes after one call, bytes
	binary, size int64           // bytes, and zipped; 0 for a script
}

// BenchmarkProcesses measures whole functions: fresh processes to their first answer, then warm calls. The subjects
// take turns, so other work of the machine slows all of them down equally. It writes the report to BENCH_REPORT.
func BenchmarkProcesses(b *testing.B) {
	folder := os.Getenv("BENCH_PROGRAMS")
	if folder == "" {
		b.Fatal("this benchmark needs the built functions: run it with `make bench`")
	}
	starts, calls := count("BENCH_STARTS", 30), count("BENCH_CALLS", 1000)
	w := newWorld(b)
	all := subjects(b, w)
	results := make([]result, len(all))
	for i, s := range all {
		s.program = filepath.Join(folder, s.program, "bootstrap")
		results[i].subject = s
		results[i].binary, results[i].size = sizes(b, s.program)
	}
	answers := make([][]byte, len(all)) // the last answer of each subject
	for b.Loop() {
		measureWarm(b, results, answers, calls) // first: see warmUp
		measureCold(b, results, answers, starts)
	}
	report(b, results, starts, calls)
}

func measureCold(b *testing.B, results []result, answers [][]byte, starts int) {
	peaks := make([][]int64, len(results))
	for range starts {
		for _, i := range turns(results) {
			s := start(b, results[i].program, results[i].variables)
			var took time.Duration
			answers[i], took = s.first(b, results[i].event(answers[i]))
			results[i].cold = append(results[i].cold, took)
			peaks[i] = append(peaks[i], s.peakRSS())
			s.stop()
		}
	}
	for i := range results {
		slices.Sort(peaks[i])
		results[i].rss = peaks[i][len(peaks[i])/2]
	}
}

// warmUp is a number of calls after which caches are full, connections open, and what they ask of DynamoDB Local
// compiled there: its first calls take up to ten times as long, and an update longer than a read. That is nothing
// that a function could wait for on AWS, so fresh processes are measured after it, too.
const warmUp = 300

func measureWarm(b *testing.B, results []result, answers [][]byte, calls int) {
	sandboxes := make([]*sandbox, len(results))
	for i := range results {
		sandboxes[i] = start(b, results[i].program, results[i].variables)
		defer sandboxes[i].stop()
		for range warmUp {
			answers[i], _ = sandboxes[i].invoke(b, results[i].event(answers[i]))
		}
	}
	for done := 0; done < calls; done += block {
		before := make([]time.Duration, len(results))
		for i, s := range sandboxes {
			before[i] = s.cpu()
		}
		for range block {
			for _, i := range turns(results) {
				var took time.Duration
				answers[i], took = sandboxes[i].invoke(b, results[i].event(answers[i]))
				results[i].warm = append(results[i].warm, took)
			}
		}
		for i, s := range sandboxes {
			results[i].cpu = append(results[i].cpu, (s.cpu()-before[i])/block)
		}
	}
}

// block is a number of calls over which CPU is measured: enough for the garbage collector to run, and few enough
// that a busy moment of the machine spoils one of many.
const block = 100

// turns is a random order in which no subject follows another of the same program: it would find the code in the
// processor's cache, where the other has put it, and seem to need up to a quarter less.
func turns(results []result) []int {
	for {
		order := rand.Perm(len(results))
		alike := false
		for k := 1; k < len(order); k++ {
			alike = alike || results[order[k]].program == results[order[k-1]].program
		}
		if !alike {
			return order
		}
	}
}

// sizes returns the sizes of a binary and of the zip that Lambda gets. A script has none.
func sizes(t testing.TB, path string) (binary, zipped int64) {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	if bytes.HasPrefix(text, []byte("#!")) {
		return 0, 0
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	f, err := z.Create("bootstrap")
	must(t, err)
	_, err = f.Write(text)
	must(t, err)
	must(t, z.Close())
	return int64(len(text)), int64(out.Len())
}

func count(variable string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(variable)); err == nil && n > 0 {
		return n
	}
	return otherwise
}
