// Package faults is a bad line before a service of AWS that speaks JSON, such as DynamoDB or Secrets
// Manager: calls and answers get lost on it, or arrive late or broken.
//
//	client ──► Line ──► service
package faults

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// A Fault is what happens to a call.
type Fault string

// The service does not get these calls.
const (
	Reset     Fault = "reset"     // the connection is reset
	Hung      Fault = "hung"      // no answer ever comes
	Throttled Fault = "throttled" // too many calls
	Gateway   Fault = "gateway"   // a 502 from something in between, which is HTML
)

// The service does what these calls ask, and the client is not told.
const (
	Lost      Fault = "lost"      // the connection is reset instead of the answer
	Late      Fault = "late"      // the answer never comes
	Internal  Fault = "internal"  // a 500, after which a write may have happened
	Truncated Fault = "truncated" // the connection ends in the middle of the answer
	Checksum  Fault = "checksum"  // the answer does not have its checksum
	Garbled   Fault = "garbled"   // the answer is not JSON
	Page      Fault = "page"      // a 200 with a page of HTML
	Empty     Fault = "empty"     // a 200 with {}
)

// All are all faults.
var All = []Fault{Reset, Hung, Throttled, Gateway, Lost, Late, Internal, Truncated, Checksum, Garbled, Page, Empty}

// Done reports whether the service does what the call asks.
func (f Fault) Done() bool {
	switch f {
	case Reset, Hung, Throttled, Gateway:
		return false
	}
	return true
}

// A Line is the way of calls to a service. Without faults it changes nothing. All methods may be
// called concurrently.
type Line struct {
	mu    sync.Mutex
	next  []Fault
	rate  float64
	among []Fault
	met   int

	slowRate float64
	wait     time.Duration
}

// Fail gives the next calls a fault each. "" lets a call pass.
func (l *Line) Fail(next ...Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = next
}

// FailAtRate gives a share of the calls (0 to 1) one of some faults.
func (l *Line) FailAtRate(rate float64, among ...Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rate, l.among = rate, among
}

// WaitAtRate has a share of the calls (0 to 1) wait.
func (l *Line) WaitAtRate(rate float64, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slowRate, l.wait = rate, wait
}

// Met returns how many calls have met a fault. The service has done by then what it does of those.
func (l *Line) Met() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.met
}

// take returns what happens to a call, and how long the call waits first.
func (l *Line) take() (f Fault, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if chance(l.slowRate) {
		wait = l.wait
	}
	if len(l.next) > 0 {
		f, l.next = l.next[0], l.next[1:]
	} else if len(l.among) > 0 && chance(l.rate) {
		f = l.among[rand.IntN(len(l.among))] //nolint:gosec // which call fails how is no secret
	}
	return f, wait
}

func chance(rate float64) bool {
	return rate > 0 && rand.Float64() < rate //nolint:gosec // as above
}

// To returns the service as it is at the other end of the line.
func (l *Line) To(service http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, wait := l.take()
		time.Sleep(wait)
		if f == "" {
			service.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body) // also so that the server sees when the client goes away
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := &kept{header: http.Header{}, status: http.StatusOK}
		if f.Done() {
			service.ServeHTTP(answer, r)
		}
		l.mu.Lock()
		l.met++
		l.mu.Unlock()
		f.happen(w, r, answer)
	})
}

// happen answers what the service answered as the fault says.
func (f Fault) happen(w http.ResponseWriter, r *http.Request, answer *kept) {
	text := answer.body.Bytes()
	switch f {
	case Hung, Late:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	case Throttled:
		send(w, http.StatusBadRequest, "application/x-amz-json-1.0", `{"__type":"ThrottlingException","message":"injected"}`)
	case Internal:
		send(w, http.StatusInternalServerError, "application/x-amz-json-1.0", `{"__type":"InternalServerError","message":"injected"}`)
	case Gateway:
		send(w, http.StatusBadGateway, "text/html", page)
	case Page:
		send(w, http.StatusOK, "text/html", page)
	case Garbled:
		send(w, http.StatusOK, "application/x-amz-json-1.0", `{"Item":{"pk":{"S":"KEY#`)
	case Empty:
		send(w, http.StatusOK, "application/x-amz-json-1.0", `{}`)
	case Truncated:
		maps.Copy(w.Header(), answer.header)
		w.Header().Set("Content-Length", strconv.Itoa(len(text)))
		w.WriteHeader(answer.status)
		_, _ = w.Write(text[:len(text)/2]) // then the server closes the connection
	case Checksum:
		maps.Copy(w.Header(), answer.header)
		w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE(text)+1))
		w.WriteHeader(answer.status)
		_, _ = w.Write(text) // the client may have gone
	default: // Reset, Lost
		panic(http.ErrAbortHandler)
	}
}

const page = "<html><body><h1>Please sign in to the network</h1></body></html>"

func send(w http.ResponseWriter, status int, kind, text string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Amz-Crc32", fmt.Sprint(crc32.ChecksumIEEE([]byte(text))))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the client may have gone
}

// kept is an answer that is kept from the client.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *kept) Header() http.Header            { return k.header }
func (k *kept) WriteHeader(status int)         { k.status = status }
func (k *kept) Write(text []byte) (int, error) { return k.body.Write(text) }
