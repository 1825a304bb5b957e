// Package strictdynamo makes an emulated DynamoDB as strict as Amazon's. It is a proxy for
// DynamoDB's JSON protocol between a client and an emulator:
//
//	client ──► faults ──► throttle (row 8) ──► conflict (row 7) ──► index lag (row 10) ──► emulator
//
// The rows are those of docs/aws.md. settings.go switches each row off and on, and sets its
// rates; there are no faults unless a test asks for them. Row 17, the deletion of expired items, happens on
// request (expire.go).
//
// A request is forwarded byte for byte with the headers and the Host that the client signed,
// so an emulator that checks signatures finds them valid. The proxy's own requests have its
// own credentials.
//
// The proxy refuses operations on items that the product does not use, because it could only
// forward them without strictness: see request.go.
package strictdynamo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/latchkey/latchkey/tests/faults"
)

// A Proxy is an http.Handler in front of one emulator. All methods may be called concurrently.
type Proxy struct {
	backend     *url.URL
	credentials aws.CredentialsProvider
	region      string
	transport   http.RoundTripper
	now         func() time.Time
	settings    atomic.Pointer[Settings]
	tables      sync.Map // name → *table

	// Line has the faults of the way to the proxy: see tests/faults. Settings sets their rate.
	Line faults.Line

	throttle throttle
	conflict conflict
	lag      lag
}

// New makes a proxy in front of the emulator at backend. cfg has the region and the credentials
// of the proxy's own requests: DescribeTable, GetItem, and for Expire Scan and DeleteItem.
func New(backend string, cfg aws.Config) (*Proxy, error) {
	address, err := url.Parse(backend)
	if err != nil {
		return nil, fmt.Errorf("the emulator's address: %w", err)
	}
	p := &Proxy{
		backend: address, credentials: cfg.Credentials, region: cfg.Region, now: time.Now,
		transport: &http.Transport{MaxIdleConnsPerHost: 256, IdleConnTimeout: time.Minute, DisableCompression: true},
	}
	p.settings.Store(defaults())
	return p, nil
}

// An answer is a whole response.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) ok() bool { return a.status == http.StatusOK }

// A step forwards a call to the next part of the proxy, or to the emulator.
type step func() (answer, error)

func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPath) {
		p.control(w, r)
		return
	}
	p.Line.To(http.HandlerFunc(p.answer)).ServeHTTP(w, r)
}

func (p *Proxy) answer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	out, err := p.serve(r, body)
	if err != nil {
		slog.Error("no answer", "operation", r.Header.Get("X-Amz-Target"), "error", err.Error())
		panic(http.ErrAbortHandler) // the client sees what it would see without a proxy: no answer
	}
	for name, values := range out.header {
		w.Header()[name] = values
	}
	w.WriteHeader(out.status)
	_, _ = w.Write(out.body) // the client may have gone
}

const maxBody = 32 << 20

func (p *Proxy) serve(r *http.Request, body []byte) (answer, error) {
	// A write that has begun ends also when its client goes away, as on AWS.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), time.Minute)
	defer cancel()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	c, err := p.read(ctx, operation, body)
	if refusal, is := asAnswer(err); is {
		return refusal, nil
	}
	if err != nil {
		return answer{}, err
	}
	forward := func() (answer, error) { return p.forward(ctx, r, body) }
	if c == nil {
		defer p.forget(operation, body)
		return forward()
	}
	lagging := func() (answer, error) { return p.lag.serve(c, forward) }
	conflicting := func() (answer, error) { return p.conflict.serve(c, lagging) }
	return p.throttle.serve(c, conflicting)
}

func (p *Proxy) forward(ctx context.Context, r *http.Request, body []byte) (answer, error) {
	to := *r.URL
	to.Scheme, to.Host = p.backend.Scheme, p.backend.Host
	out, err := http.NewRequestWithContext(ctx, r.Method, to.String(), bytes.NewReader(body)) //nolint:gosec // it goes to the emulator only
	if err != nil {
		return answer{}, err
	}
	out.Header, out.Host = r.Header, r.Host
	return p.send(out)
}

func (p *Proxy) send(r *http.Request) (answer, error) {
	res, err := p.transport.RoundTrip(r)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}, err
	}
	for _, hop := range []string{"Connection", "Keep-Alive", "Transfer-Encoding"} {
		res.Header.Del(hop)
	}
	return answer{res.StatusCode, res.Header, body}, nil
}
