package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/awsenv"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/strictdynamo"
)

// A history is a race of several callers on a table that refuses some writes.
type history struct {
	*testing.T
	*rand.Rand
	s    *store.Store
	calm *store.Store // the same table, without refusals
	n    uint64
	// lost says that a caller gave up waiting and repeated what may have been done: its answers do
	// not tell how often.
	lost *atomic.Bool
}

// play plays histories, four at a time: few, or HISTORIES. Calls wait for their answers however busy
// the machine is: none is lost.
func play(t *testing.T, few int, one func(h history)) {
	t.Parallel()
	s, calm := moody(t)
	turns := make(chan uint64)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for n := range turns {
				one(history{t, rand.New(rand.NewPCG(n, 0)), s, calm, n, new(atomic.Bool)}) //nolint:gosec // histories are no secret
			}
		})
	}
	for n := range storetest.Histories(t, few) {
		turns <- uint64(n)
	}
	close(turns)
	all.Wait()
}

// playAlone plays histories each on a table of its own: they are about all that there is in it.
func playAlone(t *testing.T, few int, one func(h history)) {
	t.Parallel()
	for n := range uint64(storetest.Histories(t, few)) { //nolint:gosec // it is not negative
		t.Run("", func(t *testing.T) {
			t.Parallel()
			s, calm := moody(t)
			one(history{t, rand.New(rand.NewPCG(n, 0)), s, calm, n, new(atomic.Bool)}) //nolint:gosec // histories are no secret
		})
	}
}

// moody has two stores over a fresh table: one that is refused some writes, and one that is not.
func moody(t *testing.T) (s, calm *store.Store) {
	cfg, table, proxy := storetest.Proxied(t)
	proxy.Set(func(s *strictdynamo.Settings) { s.ConflictRate, s.ThrottleRate = 0.1, 0.05 })
	direct := awsenv.Config("DYNAMODB")
	cfg.HTTPClient, direct.HTTPClient = http.DefaultClient, http.DefaultClient
	return store.New(cfg, table), store.New(direct, table)
}

func (h history) wrong(format string, values ...any) {
	h.Helper()
	h.Errorf("history %d: "+format, append([]any{h.n}, values...)...)
}

// answered repeats what the table refuses until there is an answer: nil, or an error that the store
// has a name for.
func (h history) answered(do func() error) (err error) {
	h.Helper()
	for range 50 {
		err = do()
		for _, named := range []error{
			store.ErrConflict, store.ErrNotFound, store.ErrDuplicate, store.ErrLimited, apikey.ErrInvalid, apikey.ErrRevoked,
			apikey.ErrDisabled, store.ErrLastAdministrator, store.ErrNotAdministrator,
		} {
			if errors.Is(err, named) {
				return named
			}
		}
		if err == nil {
			return nil
		}
		if errors.Is(err, context.DeadlineExceeded) {
			h.lost.Store(true)
		}
	}
	h.wrong("no answer: %v", err)
	return err
}

// Of many who register one e-mail address at once, one does. The others leave nothing.
func TestRacesOfRegistrationsLeaveOneUserOfAnAddress(t *testing.T) {
	play(t, 15, func(h history) {
		email := fmt.Sprintf("ann%d@example.com", h.n)
		people := make([]user.User, 2+h.IntN(6))
		results := make([]error, len(people))
		var all sync.WaitGroup
		for i := range people {
			people[i] = user.New(email, user.Member, now)
			all.Go(func() {
				results[i] = h.answered(func() error { return h.s.CreateUser(ctx, people[i], fmt.Sprint("hash", i), entry(audit.Registered)) })
			})
		}
		all.Wait()
		login, err := h.calm.Login(ctx, email)
		if err != nil {
			h.wrong("the address has no login: %v", err)
		}
		winners := 0
		for i, u := range people {
			_, unknown := h.calm.User(ctx, u.ID)
			_, without := h.calm.Project(ctx, user.DefaultProject(u.ID))
			won := results[i] == nil
			if is := login.UserID == u.ID; is != (unknown == nil) || is != (without == nil) || is != won && !h.lost.Load() {
				h.wrong("registration %d was answered %v; its user: %v, its project: %v, whose login it is: %t", i, results[i], unknown, without, login.UserID == u.ID)
			}
			if won {
				winners++
			} else if !errors.Is(results[i], store.ErrDuplicate) {
				h.wrong("registration %d was answered %v", i, results[i])
			}
		}
		if winners != 1 && !h.lost.Load() {
			h.wrong("%d were registered", winners)
		}
	})
}

// Of many callers in a window as many are admitted as the limit allows, or all, whenever the key was
// used before.
func TestRacesOfCallersAdmitTheLimitAndRefuseNobodyUnderIt(t *testing.T) {
	play(t, 15, func(h history) {
		limit := ratelimit.Limit{Category: ratelimit.Categories[h.IntN(4)], Max: 1 + h.IntN(15), Window: time.Minute}
		k := newKey(h.T, h.calm, nil)
		if ago := h.IntN(70); ago > 0 {
			if _, _, err := h.calm.CheckKey(ctx, k.ID, good, &limit, windows(-ago)); err != nil {
				h.wrong("a use before: %v", err)
			}
		}
		callers := 1 + h.IntN(25)
		var admitted, limited atomic.Int32
		var all sync.WaitGroup
		for range callers {
			all.Go(func() {
				err := h.answered(func() error { _, _, err := h.s.CheckKey(ctx, k.ID, good, &limit, now); return err })
				switch {
				case err == nil:
					admitted.Add(1)
				case errors.Is(err, store.ErrLimited):
					limited.Add(1)
				default:
					h.wrong("%v", err)
				}
			})
		}
		all.Wait()
		if h.lost.Load() {
			return // a caller who repeats a request makes two
		}
		if want := min(callers, limit.Max); int(admitted.Load()) != want || int(limited.Load()) != callers-want {
			h.wrong("of %d callers %d are admitted and %d limited, and the limit is %d", callers, admitted.Load(), limited.Load(), limit.Max)
		}
	})
}

// A writer appends the same events under one Once.ID from several places at once.
type writer struct {
	wanted   run.Append
	receipts []run.Receipt // one an attempt
	results  []error
}

// The events of a run are numbered from 1 without a gap, and each append that was answered is there
// once, in its place, whole. Nothing follows the end.
func TestRacesOfAppendsLeaveNoGapAndNoRepeat(t *testing.T) {
	play(t, 15, func(h history) {
		r := newRun(h.T, h.calm)
		writers := make([]writer, 2+h.IntN(6))
		var all sync.WaitGroup
		for i := range writers {
			w := &writers[i]
			w.wanted = batch(i, 1+h.IntN(4))
			w.wanted.Once = &run.Once{ID: fmt.Sprint(i), Digest: fmt.Sprint(i)}
			if h.IntN(8) == 0 {
				w.wanted.Status = run.Pass
			}
			w.receipts, w.results = make([]run.Receipt, 1+h.IntN(3)), make([]error, 3)
			for j := range w.receipts {
				all.Go(func() {
					w.results[j] = h.answered(func() (err error) { w.receipts[j], err = h.s.AppendEvents(ctx, r, w.wanted); return err })
				})
			}
		}
		all.Wait()
		events := h.events(r.ID)
		expected := 0
		for i, w := range writers {
			for j, receipt := range w.receipts {
				switch {
				case w.results[j] != nil && !errors.Is(w.results[j], store.ErrConflict):
					h.wrong("append %d: %v", i, w.results[j])
				case (w.results[j] == nil) != (w.results[0] == nil) || w.results[j] == nil && receipt != w.receipts[0]:
					h.wrong("append %d was answered %+v (%v), and then %+v (%v)", i, w.receipts[0], w.results[0], receipt, w.results[j])
				}
			}
			if w.results[0] != nil {
				continue
			}
			first, last := w.receipts[0].First, w.receipts[0].Last
			if last > len(events) || !slices.EqualFunc(events[first-1:last], w.wanted.Events, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
				h.wrong("append %d was answered %d to %d, and there is %s", i, first, last, events)
			}
			if w.wanted.Status != run.Running && last != len(events) {
				h.wrong("the run ended with %d, and has %d events", last, len(events))
			}
			expected += len(w.wanted.Events)
		}
		if expected != len(events) {
			h.wrong("%d events were answered, and there are %d", expected, len(events))
		}
	})
}

// events are all events of a run, which must be numbered without a gap.
func (h history) events(id string) (all []json.RawMessage) {
	r, err := h.calm.Run(ctx, id, now)
	if err != nil {
		h.wrong("the run: %v", err)
	}
	batches, err := h.calm.Events(ctx, r, 0, 1000)
	if err != nil {
		h.wrong("the events: %v", err)
	}
	for _, b := range batches {
		if b.First != len(all)+1 || b.Last != len(all)+len(b.Events) {
			h.wrong("after %d comes %d to %d", len(all), b.First, b.Last)
		}
		all = append(all, b.Events...)
	}
	if len(all) != r.LastSeq {
		h.wrong("there are %d events, and the run says %d", len(all), r.LastSeq)
	}
	return all
}
