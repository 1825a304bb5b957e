package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
)

const someKey = "4Hk0pQzXw2LmN8sT"

// logged is a log of some changes, oldest first, and the head of its chain.
func logged(t *testing.T, actions ...string) (audit.Head, []audit.Entry) {
	t.Helper()
	var head audit.Head
	var entries []audit.Entry
	for _, action := range actions {
		e, next, err := chain.Append(head, audit.New(action, audit.Source{Now: time.Now()}, time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		head, entries = next, append(entries, e)
	}
	return head, entries
}

// verifies runs the command against a service that answers that log, an entry a page and newest
// first. It returns how the command ends, and all that it prints.
func verifies(t *testing.T, head audit.Head, entries []audit.Entry) (exit int, printed string) {
	t.Helper()
	slices.Reverse(entries)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := len(r.URL.Query().Get("cursor"))
		page := map[string]any{"entries": entries[at : at+1], "next_cursor": strings.Repeat("x", at+1), "head": head}
		if at+1 == len(entries) {
			page["next_cursor"] = nil
		}
		if err := json.NewEncoder(w).Encode(page); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	t.Setenv("LATCHKEY_API_KEY", "gf_anything")
	var out bytes.Buffer
	a := &app{out: &out, notes: &out}
	root := a.root()
	root.SetArgs([]string{"audit", "verify", someKey, "--url", server.URL})
	err := root.ExecuteContext(t.Context())
	var ended *failure
	if errors.As(err, &ended) {
		return ended.exit, out.String()
	}
	if err != nil {
		t.Fatal(err)
	}
	return exitOK, out.String()
}

func TestVerifyTellsAWholeLogFromOneThatWasTamperedWith(t *testing.T) {
	head, entries := logged(t, audit.Created, audit.Regenerated, audit.Revoked)
	exit, printed := verifies(t, head, slices.Clone(entries))
	if exit != exitOK || !strings.Contains(printed, "is whole: 3 changes") {
		t.Errorf("a whole log: it ends with %d and says %s", exit, printed)
	}
	for finding, tampered := range map[string][]audit.Entry{
		"removed  2": {entries[0], entries[2]},
		"removed  3": entries[:2:2],
		"altered  1": func() []audit.Entry {
			all := slices.Clone(entries)
			all[0].Address = "192.0.2.7"
			return all
		}(),
	} {
		exit, printed := verifies(t, head, slices.Clone(tampered))
		if exit != exitNotWhole || !strings.Contains(printed, finding) {
			t.Errorf("%s: it ends with %d and says %s", finding, exit, printed)
		}
	}
}
