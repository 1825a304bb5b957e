package storetest

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/latchkey/latchkey/shared/store"
)

// A Life is that of a process that Lambda kills: after some calls of the table there is no other.
type Life struct {
	wire  *Wire
	calls int
	cut   atomic.Bool // several calls may be on their way at once
}

// EachDeath plays an operation on fresh tables: in a process that is killed after its first call, in
// one that is killed after its second, and so on, until one ends by itself. Last, play repeats
// the operation as a caller would who got no answer, and says what must hold.
func EachDeath(t *testing.T, play func(t *testing.T, s *store.Store, life *Life)) {
	t.Helper()
	for calls := 1; ; calls++ {
		s, wire := Wired(t)
		life := &Life{wire: wire, calls: calls}
		play(t, s, life)
		if t.Failed() {
			t.Fatalf("killed after call %d", calls)
		}
		if !life.cut.Load() {
			return
		}
	}
}

// Of is the life of the process that does this.
func (l *Life) Of(do func()) {
	dead := func(*http.Request, http.RoundTripper) (*http.Response, error) {
		l.cut.Store(true)
		return nil, errors.New("the process was killed")
	}
	l.wire.Fail(append(make([]Fault, l.calls), Repeat(1000, dead)...)...)
	do()
	l.wire.Fail()
}
