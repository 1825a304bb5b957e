package chain_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/tests/expect"
)

var now = time.Date(2030, 1, 31, 11, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// made is a chain of five changes, a day between each, that are kept for ten days.
func made(t *testing.T) (audit.Head, []audit.Entry) {
	t.Helper()
	var head audit.Head
	var entries []audit.Entry
	for i, action := range []string{audit.Created, audit.Regenerated, audit.TokenRevoked, audit.Regenerated, audit.Revoked} {
		head, entries = grown(t, head, entries, action, now.Add(time.Duration(i-4)*day), 10*day)
	}
	return head, entries
}

func grown(t *testing.T, head audit.Head, entries []audit.Entry, action string, at time.Time, retention time.Duration) (audit.Head, []audit.Entry) {
	t.Helper()
	e := audit.New(action, audit.Source{
		Actor: audit.Actor{Type: "user", ID: "usr_A"}, Address: "192.0.2.7", UserAgent: "curl <8>", RequestID: "req", Now: at,
	}, retention)
	e.KeyID, e.Owner, e.Project, e.Detail = "0123456789abcdef", "usr_A", "prj_A", map[string]string{"why": "a & b"}
	e, next, err := chain.Append(head, e)
	if err != nil {
		t.Fatal(err)
	}
	return next, append(entries, e)
}

// verify checks entries as they were read from the table.
func verify(t *testing.T, head audit.Head, entries []audit.Entry, since, now time.Time) chain.Report {
	t.Helper()
	checked, err := chain.Check(entries...)
	if err != nil {
		t.Fatal(err)
	}
	return chain.Verify(head, checked, since, now)
}

// found are the kinds and places of a report's findings, in order.
func found(r chain.Report) string {
	var all []string
	for _, f := range r.Findings {
		all = append(all, strings.TrimSuffix(fmt.Sprint(f.Kind, " ", f.Seq), " 0"))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func TestUntouchedChainHasNoFinding(t *testing.T) {
	head, entries := made(t)
	slices.Reverse(entries) // as the API lists them
	r := verify(t, head, entries, time.Time{}, now)
	expect.Same(t, "what is found", found(r), "")
	expect.Same(t, "the number of entries in the chain", r.Chained, 5)
	expect.Same(t, "what is found in no log at all", found(verify(t, audit.Head{}, nil, time.Time{}, now)), "")
}

func TestEachWayToChangeALogIsFound(t *testing.T) {
	alter := func(i int, change func(*audit.Entry)) func([]audit.Entry) []audit.Entry {
		return func(all []audit.Entry) []audit.Entry {
			change(&all[i])
			return all
		}
	}
	rehashed := func(change func(*audit.Entry)) func(*audit.Entry) {
		return func(e *audit.Entry) {
			change(e)
			link := *e.Chain
			link.Hash, _ = chain.Hash(*e)
			e.Chain = &link
		}
	}
	other := func(e *audit.Entry) { e.Actor.ID = "usr_B" }
	for name, row := range map[string]struct {
		change func([]audit.Entry) []audit.Entry
		want   string
	}{
		"the first is removed":  {func(all []audit.Entry) []audit.Entry { return all[1:] }, "removed 1"},
		"two are removed":       {func(all []audit.Entry) []audit.Entry { return slices.Delete(all, 1, 3) }, "removed 2, removed 3"},
		"the newest is removed": {func(all []audit.Entry) []audit.Entry { return all[:4] }, "removed 5"},
		"all are removed": {func([]audit.Entry) []audit.Entry { return nil },
			"removed 1, removed 2, removed 3, removed 4, removed 5"},
		"its actor":                          {alter(1, other), "altered 2"},
		"its time":                           {alter(1, func(e *audit.Entry) { e.At = e.At.Add(time.Second) }), "altered 2"},
		"its detail":                         {alter(1, func(e *audit.Entry) { e.Detail = nil }), "altered 2"},
		"its owner":                          {alter(1, func(e *audit.Entry) { e.Owner = "usr_B" }), "altered 2"},
		"its expiry, so that it goes sooner": {alter(1, func(e *audit.Entry) { e.ExpiresAt = 0 }), "altered 2"},
		"its actor, and its hash too":        {alter(1, rehashed(other)), "altered 2"},
		"the newest, and its hash too":       {alter(4, rehashed(other)), "altered 5"},
		"two change places": {func(all []audit.Entry) []audit.Entry {
			all[1].Chain.Seq, all[2].Chain.Seq = 3, 2
			return all
		}, "altered 2, altered 3"},
		"two change contents": {func(all []audit.Entry) []audit.Entry {
			all[1].Chain, all[2].Chain = all[2].Chain, all[1].Chain
			return all
		}, "altered 2, altered 3"},
		"one is inserted at a place that is taken": {func(all []audit.Entry) []audit.Entry {
			again := all[2]
			again.ID = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"
			return append(all, again)
		}, "inserted 3"},
		"one is inserted after the head": {func(all []audit.Entry) []audit.Entry {
			_, all = grown(t, audit.Head{ChainSeq: 5, ChainHash: all[4].Chain.Hash}, all, audit.Deleted, now, 10*day)
			return all
		}, "inserted 6"},
		"one is inserted without a place": {func(all []audit.Entry) []audit.Entry {
			return append(all, audit.New(audit.Revoked, audit.Source{Now: now}, day))
		}, "unchained"},
		"one loses its place": {func(all []audit.Entry) []audit.Entry {
			all[2].Chain = nil
			return all
		}, "removed 3, unchained"},
	} {
		head, entries := made(t)
		expect.Same(t, name+": what is found", found(verify(t, head, row.change(entries), time.Time{}, now)), row.want)
	}
}

func TestEntriesThatTheirRetentionEndedAreNoFinding(t *testing.T) {
	head, entries := made(t)
	later := now.Add(7*day + time.Hour) // the first and the second have expired
	for name, left := range map[string][]audit.Entry{"both": entries[2:], "one": entries[1:], "the second": slices.Delete(slices.Clone(entries), 1, 2)} {
		r := verify(t, head, left, time.Time{}, later)
		expect.Same(t, name+" gone: what is found", found(r), "")
		expect.Same(t, name+" gone: the number that expired", r.Expired, 5-len(left))
	}
	expect.Same(t, "the third is gone too: what is found", found(verify(t, head, entries[3:], time.Time{}, later)), "removed 1, removed 2, removed 3")
	over := now.Add(11 * day)
	expect.Same(t, "all are gone: what is found", found(verify(t, head, nil, time.Time{}, over)), "")
	expect.Same(t, "the head is gone first: what is found", found(verify(t, audit.Head{}, entries[4:], time.Time{}, over)), "")
	expect.Same(t, "the head is gone before its time: what is found", found(verify(t, audit.Head{}, entries, time.Time{}, now)), "inserted 5")
}

// After the retention was shortened, entries would expire in another order than that of the chain.
func TestEntryIsKeptAsLongAsTheOneBeforeIt(t *testing.T) {
	head, entries := made(t)
	until := head.ChainUntil
	head, entries = grown(t, head, entries, audit.Deleted, now, day)
	expect.Same(t, "the entry's expiry", entries[5].ExpiresAt, until)
	expect.Same(t, "the head's expiry", head.ChainUntil, until)
}

func TestChangesOfReleasesWithoutAChainAreCounted(t *testing.T) {
	old := func(at time.Time) audit.Entry { return audit.New(audit.Revoked, audit.Source{Now: at}, 10*day) }
	use := audit.New(audit.TokenIssued, audit.Source{Now: now}, day)
	head, entries := grown(t, audit.Head{}, nil, audit.Regenerated, now, 10*day)
	for name, row := range map[string]struct {
		head      audit.Head
		entries   []audit.Entry
		since     time.Time
		unchained int
		want      string
	}{
		"a key of such a release":         {audit.Head{}, []audit.Entry{old(now), use}, time.Time{}, 1, ""},
		"changed since":                   {head, append(entries, old(now.Add(-day)), use), time.Time{}, 1, ""},
		"beside this one":                 {head, append(entries, old(now.Add(time.Second))), time.Time{}, 0, "unchained"},
		"beside this one, as is told":     {head, append(entries, old(now.Add(time.Second))), now.Add(time.Minute), 1, ""},
		"after the time that is told":     {head, append(entries, old(now.Add(time.Hour))), now.Add(time.Minute), 0, "unchained"},
		"a log that has lost every place": {audit.Head{}, []audit.Entry{old(now.Add(time.Hour))}, now.Add(time.Minute), 0, "unchained"},
	} {
		r := verify(t, row.head, row.entries, row.since, now)
		expect.Same(t, name+": what is found", found(r), row.want)
		expect.Same(t, name+": the number without a place", r.Unchained, row.unchained)
	}
}

// Whoever changes how an entry is written as JSON breaks the chains that exist: add fields that are
// left out where they are empty.
func TestHashOfAnEntryStaysWhatItWas(t *testing.T) {
	e := audit.Entry{
		ID: "01BX5ZZKBKACTAV9WEVGEMMVRZ", KeyID: "0123456789abcdef", Owner: "usr_A", Project: "prj_A", At: now, Action: audit.Regenerated,
		Actor: audit.Actor{Type: "user", ID: "usr_A"}, Address: "192.0.2.7", UserAgent: "curl <8>\u2028", RequestID: "req",
		Detail: map[string]string{"grace_seconds": "60"}, ExpiresAt: audit.Moment(now.Add(10 * day).Unix()),
	}
	e, head, err := chain.Append(audit.Head{ChainSeq: 3, ChainHash: audit.Hash{1, 2, 3}, ChainUntil: 5}, e)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the hash", head.ChainHash.String(), "e2d422b37a29695f22ddcdac0ac43f7e6e9da7056c0b64a3b26913646642eaf4")
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	read, err := chain.Read(text)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the entry is intact", read.Intact, true)
	expect.Same(t, "the entry's expiry", read.ExpiresAt, e.ExpiresAt)
	read, err = chain.Read([]byte(strings.Replace(string(text), `{`, `{"of_a_later_release":1,`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "with one member more it is intact", read.Intact, false)
}
