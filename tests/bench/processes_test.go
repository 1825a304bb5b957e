package bench

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// A result has the measurements of a subject. Times are sorted.
type result struct {
	subject
	cold, warm   []time.Duration
	cpu          time.Duration // of a warm call, the mean
	rss          int64         // the median of the peaks of fresh processes after one call, bytes
	binary, size int64         // bytes, and zipped; 0 for a script
}

// BenchmarkProcesses measures whole functions: fresh processes to their first answer, then warm calls. The subjects
// take turns, so other work of the machine slows all of them down equally. It writes the report to BENCH_REPORT.
func BenchmarkProcesses(b *testing.B) {
	folder := os.Getenv("BENCH_PROGRAMS")
	if folder == "" {
		b.Fatal("this benchmark needs the built functions: run it with `make bench`")
	}
	starts, calls := count("BENCH_STARTS", 30), count("BENCH_CALLS", 500)
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
		measureCold(b, results, answers, starts)
		measureWarm(b, results, answers, calls)
	}
	for i := range results {
		slices.Sort(results[i].cold)
		slices.Sort(results[i].warm)
	}
	report(b, results, starts, calls)
}

func measureCold(b *testing.B, results []result, answers [][]byte, starts int) {
	peaks := make([][]int64, len(results))
	for range starts {
		for i := range results {
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

func measureWarm(b *testing.B, results []result, answers [][]byte, calls int) {
	sandboxes := make([]*sandbox, len(results))
	for i := range results {
		sandboxes[i] = start(b, results[i].program, results[i].variables)
		defer sandboxes[i].stop()
		for range 50 { // until caches are full and connections open
			answers[i], _ = sandboxes[i].invoke(b, results[i].event(answers[i]))
		}
	}
	before := make([]time.Duration, len(results))
	for i, s := range sandboxes {
		before[i] = s.cpu()
	}
	for range calls {
		for i, s := range sandboxes {
			var took time.Duration
			answers[i], took = s.invoke(b, results[i].event(answers[i]))
			results[i].warm = append(results[i].warm, took)
		}
	}
	for i, s := range sandboxes {
		results[i].cpu = (s.cpu() - before[i]) / time.Duration(calls)
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
