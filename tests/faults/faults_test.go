package faults_test

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/expect"
	"github.com/latchkey/latchkey/tests/faults"
)

const good = `{"Item":{"pk":{"S":"KEY#1"}}}`

// far is a service at the other end of a line, and counts its calls.
func far(t *testing.T) (line *faults.Line, address string, calls *atomic.Int32) {
	t.Helper()
	line, calls = &faults.Line{}, &atomic.Int32{}
	server := httptest.NewServer(line.To(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE([]byte(good))))
		_, _ = io.WriteString(w, good)
	})))
	t.Cleanup(server.Close)
	return line, server.URL, calls
}

// call reports what came back: "nothing", "part", or whether it is JSON and has its checksum.
func call(t *testing.T, address string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "nothing"
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return "part"
	}
	whole := res.Header.Get("X-Amz-Crc32") == fmt.Sprint(crc32.ChecksumIEEE(text))
	return fmt.Sprintf("%d, JSON %t, checksum %t", res.StatusCode, json.Valid(text), whole)
}

func TestEachFaultIsWhatItsNameSays(t *testing.T) {
	want := map[faults.Fault]string{
		faults.Reset: "nothing", faults.Hung: "nothing", faults.Lost: "nothing", faults.Late: "nothing", faults.Truncated: "part",
		faults.Throttled: "400, JSON true, checksum true", faults.Internal: "500, JSON true, checksum true",
		faults.Gateway: "502, JSON false, checksum true", faults.Page: "200, JSON false, checksum true",
		faults.Checksum: "200, JSON true, checksum false", faults.Garbled: "200, JSON false, checksum true",
		faults.Empty: "200, JSON true, checksum true", "": "200, JSON true, checksum true",
	}
	expect.Same(t, "the number of faults", len(faults.All), len(want)-1)
	for fault, came := range want {
		line, address, calls := far(t)
		line.Fail(fault)
		expect.Same(t, string(fault), call(t, address), came)
		expect.Same(t, string(fault)+": that the service was called", calls.Load() == 1, fault.Done())
		expect.Same(t, string(fault)+": the call after it", call(t, address), want[""])
	}
}

func TestFaultsComeAtASettableRate(t *testing.T) {
	line, address, calls := far(t)
	line.FailAtRate(1, faults.Throttled)
	expect.Same(t, "at a rate of 1", call(t, address), "400, JSON true, checksum true")
	line.FailAtRate(0.5, faults.Throttled)
	for range 100 {
		call(t, address)
	}
	if n := calls.Load(); n < 20 || n > 80 {
		t.Errorf("at a rate of 0.5 %d of 100 calls arrive", n)
	}
	line.FailAtRate(0)
	expect.Same(t, "at a rate of 0", call(t, address), "200, JSON true, checksum true")
}

func TestSlowCallIsAnsweredLate(t *testing.T) {
	line, address, _ := far(t)
	line.WaitAtRate(1, 100*time.Millisecond)
	began := time.Now()
	expect.Same(t, "what comes late", call(t, address), "200, JSON true, checksum true")
	if took := time.Since(began); took < 100*time.Millisecond {
		t.Errorf("it took %v", took)
	}
}
