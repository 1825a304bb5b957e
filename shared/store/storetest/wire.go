package storetest

import (
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey/latchkey/shared/store"
)

// A Wire is the way to DynamoDB Local. It notes the calls, and fails those that a test
// wants failed.
type Wire struct {
	mu     sync.Mutex
	calls  []string
	faults []Fault
}

// A Fault answers a call in DynamoDB's place; next passes it on.
type Fault func(r *http.Request, next http.RoundTripper) (*http.Response, error)

// Wired is New with the Wire that the store uses.
func Wired(t testing.TB) (*store.Store, *Wire) {
	t.Helper()
	return Over(Table(t))
}

// Over is Wired for a table that there is.
func Over(cfg aws.Config, table string) (*store.Store, *Wire) {
	w := &Wire{}
	cfg.HTTPClient = w
	return store.New(cfg, table), w
}

// Fail has the next calls, one a fault, go wrong.
func (w *Wire) Fail(faults ...Fault) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.faults = faults
}

// Calls are the operations called since it was last asked ("GetItem"), retries included.
func (w *Wire) Calls() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	calls := w.calls
	w.calls = nil
	return calls
}

// Do is a call on its way.
func (w *Wire) Do(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	w.mu.Lock()
	w.calls = append(w.calls, operation)
	var fault Fault
	if len(w.faults) > 0 {
		fault, w.faults = w.faults[0], w.faults[1:]
	}
	w.mu.Unlock()
	if fault != nil {
		return fault(r, http.DefaultTransport)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// Repeat is the same fault n times.
func Repeat(n int, f Fault) []Fault {
	faults := make([]Fault, n)
	for i := range faults {
		faults[i] = f
	}
	return faults
}

// Refuse answers with one of DynamoDB's own errors.
func Refuse(status int, code string) Fault {
	return answer(status, `{"__type":"com.amazonaws.dynamodb.v20120810#`+code+`","message":"injected"}`)
}

// Cancelled cancels a transaction whose first write was not possible for that reason.
func Cancelled(reason string) Fault {
	return answer(400, `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"injected",`+
		`"CancellationReasons":[{"Code":"`+reason+`"},{"Code":"None"}]}`)
}

// Gateway is what a proxy in between answers: a status, and no word of DynamoDB's.
func Gateway(status int) Fault { return answer(status, "<html>no</html>") }

func answer(status int, body string) Fault {
	header := http.Header{
		"Content-Type": {"application/x-amz-json-1.0"},
		"X-Amz-Crc32":  {fmt.Sprint(crc32.ChecksumIEEE([]byte(body)))},
	}
	return func(r *http.Request, _ http.RoundTripper) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Request: r, Header: header, Body: io.NopCloser(strings.NewReader(body)),
		}, nil
	}
}

// Timeout is a call that never arrives.
func Timeout(*http.Request, http.RoundTripper) (*http.Response, error) { return nil, errTimeout }

// Lost is a call that is done, but whose answer never arrives.
func Lost(r *http.Request, next http.RoundTripper) (*http.Response, error) {
	res, err := next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	_ = res.Body.Close() // nobody reads it
	return nil, errTimeout
}

var errTimeout = &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded}
