package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/caller"
)

// whole is a table of a user with a key that made another, a session, and a run with three events.
func whole() []item {
	return []item{
		{PK: "USER#usr_A", SK: "USER", ID: "usr_A", Email: "a@example.com"},
		{PK: "EMAIL#a@example.com", SK: "USER", UserID: "usr_A"},
		{PK: "PROJECT#prj_A", SK: "PROJECT", ID: "prj_A", Owner: "usr_A", OwnerPK: "usr_A#PROJECT"},
		{PK: "SESSION#ses_A", SK: "SESSION", ID: "ses_A", Owner: "usr_A", OwnerPK: "usr_A#SESSION"},
		{PK: "KEY#K1", SK: "KEY", ID: "K1", Owner: "usr_A", Project: "prj_A", OwnerPK: "usr_A#KEY", Generation: 2,
			limits: map[string]int{"read": 5}, counts: map[string]int{"read": 5}},
		{PK: "KEY#K1", SK: "AUDIT#1", Action: "created"},
		{PK: "KEY#K1", SK: "AUDIT#2", Action: "regenerated"},
		{PK: "KEY#K1", SK: "CHILD#K2"},
		{PK: "KEY#K2", SK: "KEY", ID: "K2", Owner: "usr_A", Project: "prj_A", OwnerPK: "usr_A#KEY", Generation: 1, CreatedBy: "K1"},
		{PK: "KEY#K2", SK: "AUDIT#1", Action: "created"},
		{PK: "USES#K1", SK: "USE#1", Action: "used", UseCount: 3},
		{PK: "RUN#R", SK: "RUN", ID: "R", Owner: "usr_A", Project: "prj_A", OwnerPK: "prj_A#RUN", Last: 3},
		{PK: "RUN#R", SK: "OWNER", OwnerPK: "usr_A#RUN"},
		{PK: "RUN#R", SK: "EVENT#000000000003", First: 2, Last: 3, Events: []string{"y", "z"}},
		{PK: "RUN#R", SK: "EVENT#000000000001", First: 1, Last: 1, Events: []string{"x"}},
		{PK: "CUSTOMER#cus_A", SK: "CUSTOMER", ID: "cus_A", Project: "prj_A", ExternalID: "acme", OwnerPK: "prj_A#CUSTOMER",
			limits: map[string]int{"read": 5}, counts: map[string]int{"read": 5}},
		{PK: "CUSTOMER#prj_A#acme", SK: "EXTERNAL", CustomerID: "cus_A"},
		{PK: "CUSTOMER#cus_A", SK: "AUDIT#1", Action: "created", Salt: "x"},
	}
}

func tableOf(items []item) table {
	t := table{items: items, partitions: map[string][]item{}}
	for _, it := range items {
		t.partitions[it.PK] = append(t.partitions[it.PK], it)
	}
	return t
}

func TestAuditFindsNothingInAWholeTable(t *testing.T) {
	for _, one := range structure(tableOf(whole())) {
		t.Error(one)
	}
}

func TestAuditFindsEachItemThatIsMissing(t *testing.T) {
	session := 3 // a session that is not there has ended
	uses := 10   // uses that are not there may not have been
	entry := 17  // a customer of the first release with customers has none
	for i, it := range whole() {
		if i == session || i == uses || i == entry {
			continue
		}
		if rest := slices.Delete(whole(), i, i+1); len(structure(tableOf(rest))) == 0 {
			t.Errorf("nobody misses %s %s", it.PK, it.SK)
		}
	}
}

func TestAuditFindsWhatIsWrongInAnItem(t *testing.T) {
	for what, change := range map[string]func(items []item) []item{
		"a creation twice":         func(items []item) []item { return append(items, item{PK: "KEY#K1", SK: "AUDIT#3", Action: "created"}) },
		"a revocation by halves":   func(items []item) []item { items[4].RevokedAt = "2026-01-01T00:00:00Z"; return items },
		"a deletion by halves":     func(items []item) []item { return append(items, item{PK: "KEY#K1", SK: "AUDIT#3", Action: "deleted"}) },
		"half of a disabling":      func(items []item) []item { items[4].DisabledAt = "2026-01-01T00:00:00Z"; return items },
		"a disabling by halves":    func(items []item) []item { items[4].Generation, items[4].Kept = 0, 2; return items },
		"a secret without entry":   func(items []item) []item { items[4].Generation = 3; return items },
		"a count above its limit":  func(items []item) []item { items[4].counts["read"] = 6; return items },
		"a key in another list":    func(items []item) []item { items[4].OwnerPK = "usr_B#KEY"; return items },
		"an event lost":            func(items []item) []item { items[13].Events = items[13].Events[:1]; return items },
		"an event twice":           func(items []item) []item { items[14].Last, items[14].Events = 2, []string{"x", "y"}; return items },
		"a run that says too much": func(items []item) []item { items[11].Last = 4; return items },
		"what nobody knows":        func(items []item) []item { return append(items, item{PK: "X#1", SK: "X"}) },
		"a customer in two lists":  func(items []item) []item { items[15].OwnerPK = "prj_B#CUSTOMER"; return items },
		"a customer above a limit": func(items []item) []item { items[15].counts["read"] = 6; return items },
		"a deletion of its item":   func(items []item) []item { items[15].DeletedAt = "2026-01-01T00:00:00Z"; return items },
		"a name after a deletion": func(items []item) []item {
			items[15] = item{PK: "CUSTOMER#cus_A", SK: "CUSTOMER", ID: "cus_A", Project: "prj_A", DeletedAt: "2026-01-01T00:00:00Z"}
			return append(items[:16], items[17:]...)
		},
		"a customer made by halves": func(items []item) []item { return append(items, item{PK: "CUSTOMER#prj_A", SK: "NEW#CUSTOMER#cus_B"}) },
		"an orphan's use":           func(items []item) []item { return append(items, item{PK: "USES#K9", SK: "USE#1"}) },
	} {
		if len(structure(tableOf(change(whole())))) == 0 {
			t.Errorf("%s is not found", what)
		}
	}
}

// answered is what the callers of that table were told.
func answered() *ledger {
	k := &key{Key: caller.Key{ID: "K1"}, regenerated: 1}
	k.uses.Store(3)
	l := newLedger()
	l.people = []caller.Person{{ID: "usr_A"}}
	l.keys = []*key{k, {Key: caller.Key{ID: "K2"}}}
	l.runs = []*run{{id: "R", events: map[int]string{1: "x", 2: "y", 3: "z"}}}
	return l
}

func TestAuditFindsEachAnswerThatTheTableDoesNotKeep(t *testing.T) {
	if wrong := promises(tableOf(whole()), answered()); wrong != nil {
		t.Fatal(strings.Join(wrong, "\n"))
	}
	for what, change := range map[string]func(l *ledger, k *key){
		"a revocation":   func(_ *ledger, k *key) { k.revoked = true },
		"a deletion":     func(_ *ledger, k *key) { k.deleted = true },
		"a new secret":   func(_ *ledger, k *key) { k.regenerated = 2 },
		"a change":       func(_ *ledger, k *key) { k.changed = 1 },
		"a token":        func(_ *ledger, k *key) { k.tokens = 1 },
		"a use more":     func(_ *ledger, k *key) { k.uses.Store(4) },
		"a use less":     func(_ *ledger, k *key) { k.uses.Store(2) },
		"another event":  func(l *ledger, _ *key) { l.runs[0].events[4] = "z" },
		"another order":  func(l *ledger, _ *key) { l.runs[0].events[1] = "y" },
		"a lost key":     func(l *ledger, _ *key) { l.keys = append(l.keys, &key{Key: caller.Key{ID: "K3"}}) },
		"a key too many": func(l *ledger, _ *key) { l.keys = l.keys[:1] },
		"a limit":        func(l *ledger, k *key) { l.windows[window{key: k}] = &admitted{good: 1} },
	} {
		l := answered()
		change(l, l.keys[0])
		if len(promises(tableOf(whole()), l)) == 0 {
			t.Errorf("%s is not found", what)
		}
	}
}

func TestAuditFindsAUseThatIsInNoSumOrTwice(t *testing.T) {
	for what, row := range map[string]struct {
		key, all int
		right    bool
	}{"each once": {3, 3, true}, "one in no sum of its key": {2, 3, false}, "one twice in the deployment's": {3, 4, false}} {
		found := sums(tableOf(append(whole(),
			item{PK: "USAGE#prj_A#1", SK: "2026-01-01#K1#0", KeyID: "K1", summed: row.key},
			item{PK: "USAGE#ALL#1", SK: "2026-01-01#prj_A", summed: row.all})))
		if right := len(found) == 0; right != row.right {
			t.Errorf("%s: it finds %v", what, found)
		}
	}
}
