package main

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestLogHasOfEachChangeWhatItWasAndWhatItIs(t *testing.T) {
	for body, want := range map[string]string{
		`{"name":"B"}`:                        `updated map[] map[name_from:Acme name_to:B]`,
		`{"name":null}`:                       `updated map[] map[name_from:Acme name_to:]`,
		`{"metadata":{"a":null}}`:             `updated map[] map[metadata_from:{"a":"b"} metadata_to:none]`,
		`{"scopes":["read:stats"]}`:           `updated map[scopes_from:all scopes_to:read:stats] map[]`,
		`{"rate_limit":{"read":7}}`:           `updated map[rate_limit_from:none rate_limit_to:{"read":7}] map[]`,
		`{"quota":{"limit":15}}`:              `updated map[quota_from:{"limit":10,"period":"month"} quota_to:{"limit":15,"period":"month"}] map[]`,
		`{"quota":null}`:                      `updated map[quota_from:{"limit":10,"period":"month"} quota_to:none] map[]`,
		`{"disabled":true}`:                   `disabled map[] map[]`,
		`{"disabled":true,"name":"B"}`:        `disabled map[] map[name_from:Acme name_to:B]`,
		`{"quota":{"limit":9,"period":null}}`: `updated map[quota_from:{"limit":10,"period":"month"} quota_to:{"limit":9,"remaining":9}] map[]`,
	} {
		w := newWorld(t)
		expect.Same(t, body+": status", w.patch(someone("usr_A"), body).Status, 200)
		expect.Same(t, body+": the same once more", w.patch(someone("usr_A"), body).Status, 200)
		log := w.log()
		expect.Same(t, body+": entries", len(log), 2)
		expect.Same(t, body, fmt.Sprint(log[0].Action, " ", log[0].Detail, " ", log[0].Personal), want)
		expect.Same(t, body+": by", log[0].Actor, audit.Actor{Type: "user", ID: "usr_A"})
	}
	w := newWorld(t)
	for _, body := range []string{`{"disabled":true}`, `{"disabled":false}`} {
		expect.Same(t, body+": status", w.patch(someone("usr_A"), body).Status, 200)
	}
	expect.Same(t, "enabled again", w.log()[0].Action, audit.Enabled)
}

// log is the customer's, newest first.
func (w world) log() []audit.Entry {
	w.Helper()
	entries, _, err := w.store.CustomerLog(context.Background(), w.c.ID, store.Page{Limit: 100}, time.Now())
	if err != nil {
		w.Fatal(err)
	}
	return entries
}
