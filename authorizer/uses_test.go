package main

import (
	"bytes"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/usage"
	"github.com/latchkey/latchkey/tests/expect"
)

// printed is what the log has of what do does.
func (w *world) printed(do func()) string {
	w.t.Helper()
	var out bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(before)
	do()
	return out.String()
}

// usesOf are the uses in a key's log, after do's lines were counted.
func (w *world) usesOf(id string, do func()) []audit.Entry {
	w.t.Helper()
	lines := slices.DeleteFunc(strings.Split(w.printed(do), "\n"), func(line string) bool { return !strings.Contains(line, "key_use") })
	counter := usage.New(w.store, time.Hour, time.Hour, func() time.Time { return w.now })
	counted, err := counter.Count(ctx, lines)
	if err != nil {
		w.t.Fatal(err)
	}
	expect.Same(w.t, "the number of rejected lines", counted.Rejected, 0)
	entries, _, err := w.store.AuditLog(ctx, id, store.Page{Limit: 100}, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	return slices.DeleteFunc(entries, func(e audit.Entry) bool { return e.Action == audit.Created })
}

func TestUseIsInTheLogWithItsRefusals(t *testing.T) {
	w := newWorld(t, modeFunction)
	w.own = false
	k, full := w.key(func(k *apikey.Key) { k.Read = 3 })
	entries := w.usesOf(k.ID, func() {
		for range 5 { // two of them beyond the limit
			w.refusal(get("X-Api-Key: " + full))
		}
		w.refusal(get()) // nobody's
		outOfScope := get("X-Api-Key: " + full)
		outOfScope.MethodArn = strings.Replace(outOfScope.MethodArn, "GET", "POST", 1)
		w.refusal(outOfScope)
		w.refusal(get("Authorization: Bearer " + w.clientToken(k, "read:stats")))
		elsewhere := get("X-Api-Key: " + full)
		elsewhere.MethodArn = strings.Replace(elsewhere.MethodArn, "abc/prod", "abc/test", 1)
		w.refusal(elsewhere)
	})
	found := map[string][2]int{}
	for _, e := range entries {
		found[e.API+" "+e.Route] = [2]int{e.Count, e.Refusals}
		expect.Same(t, e.API+" "+e.Route+": action", e.Action, audit.Used)
		expect.Same(t, e.API+" "+e.Route+": actor", e.Actor, audit.Actor{Type: "key", ID: k.ID})
		expect.Same(t, e.API+" "+e.Route+": address", e.Address, "192.0.2.7")
		expect.Same(t, e.API+" "+e.Route+": project", e.Project, "prj_A")
	}
	want := map[string][2]int{"abc/prod GET /api/stats": {6, 3}, "abc/prod POST /api/stats": {1, 1}, "abc/test GET /api/stats": {1, 1}}
	if len(found) != len(want) {
		t.Errorf("%d entries, want %d", len(found), len(want))
	}
	for name, counts := range want {
		if found[name] != counts {
			t.Errorf("%s: %v uses and refusals, want %v", name, found[name], counts)
		}
	}
}

func TestWrongSecretIsNoUseOfTheKey(t *testing.T) {
	w := newWorld(t, modeFunction)
	k, _ := w.key(nil)
	entries := w.usesOf(k.ID, func() {
		for i := range 4 {
			r := get("X-Api-Key: " + apikey.New("gf_", k.ID))
			r.RequestContext.Identity.SourceIP = "192.0.2." + string(rune('1'+i))
			w.refusal(r)
		}
		w.refusal(get("X-Api-Key: " + apikey.New("gf_", apikey.NewID()))) // of no key
	})
	if len(entries) != 1 {
		t.Fatalf("%d entries, want one: %+v", len(entries), entries)
	}
	e := entries[0]
	expect.Same(t, "e.Action", e.Action, audit.Refused)
	expect.Same(t, "e.Actor", e.Actor, audit.Actor{Type: "unknown"})
	expect.Same(t, "e.Count", e.Count, 4)
	expect.Same(t, "e.Refusals", e.Refusals, 4)
	if found, err := w.store.WithLastUse(ctx, k); err != nil || found.LastUsedAt != 0 {
		t.Errorf("last used at %d, %v", found.LastUsedAt, err)
	}
}

func TestCheckIsOneCallAlsoTheFirstTime(t *testing.T) {
	for _, limited := range []bool{true, false} {
		w := newWorld(t, modeFunction)
		want := "UpdateItem"
		if !limited {
			w.limits.Max, want = nil, "GetItem"
		}
		k, full := w.key(nil)
		_, jwt := w.login()
		for name, header := range map[string]string{
			"key": "X-Api-Key: " + full, "session token": "Authorization: Bearer " + jwt,
			"client token": "Authorization: Bearer " + w.clientToken(k, "read:stats"),
		} {
			for time := range 2 {
				w.wire.Calls()
				w.refusal(get(header))
				calls := w.wire.Calls()
				if len(calls) != 1 {
					t.Fatalf("%s, time %d, limited %v: len(calls): %v, want 1", name, time, limited, len(calls))
				}
				if calls[0] != want {
					t.Errorf("%s, time %d, limited %v: calls[0]: %v, want %v", name, time, limited, calls[0], want)
				}
			}
		}
	}
}

func TestWrongSecretsAreLimitedByAddressAndRefuseNobodyElse(t *testing.T) {
	w := newWorld(t, modeFunction)
	k, full := w.key(nil)
	guess := func(id, address string) string {
		r := get("X-Api-Key: " + apikey.New("gf_", id))
		r.RequestContext.Identity.SourceIP = address
		return w.refusal(r)
	}
	for i := range 30 {
		id := k.ID
		if i%2 == 1 {
			id = apikey.NewID()
		}
		if got := guess(id, "192.0.2.7"); got != "API_KEY_INVALID" {
			t.Fatalf("guess %d: %q", i, got)
		}
	}
	for name, id := range map[string]string{"a known id": k.ID, "an unknown one": apikey.NewID()} {
		if got := guess(id, "192.0.2.7"); got != "RATE_LIMIT_EXCEEDED" {
			t.Errorf("one too many of %s: %q", name, got)
		}
	}
	if got := w.refusal(get("X-Api-Key: " + full)); got != "" {
		t.Errorf("the good key from that address: %q", got)
	}
	if got := guess(k.ID, "192.0.2.8"); got != "API_KEY_INVALID" {
		t.Errorf("another address: %q", got)
	}
	w.now = w.now.Add(time.Minute)
	if got := guess(k.ID, "192.0.2.7"); got != "API_KEY_INVALID" {
		t.Errorf("in the next window: %q", got)
	}
}
