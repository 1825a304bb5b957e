//go:build e2e

package main_test

import (
	"strings"
	"testing"
	"time"
)

// awaitUsage runs the command until it prints that, a minute at most: uses are counted by then.
func (h home) awaitUsage(t *testing.T, want string, args ...string) string {
	t.Helper()
	for began := time.Now(); ; time.Sleep(500 * time.Millisecond) {
		out := h.run(t, "", append([]string{"usage"}, args...)...).is(t, 0).out
		if strings.Contains(out, want) {
			return out
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("after a minute there is no %q in what is printed:\n%s", want, out)
		}
	}
}

func TestUsageIsATableOrCSVOrJSON(t *testing.T) {
	h := signedIn(t)
	k := h.newKey(t, "--scope", "read:stats")
	for range 3 {
		api(t, "GET", "/v1/auth/me", k.Key, "")
	}
	api(t, "GET", "/v1/runs", k.Key, "")
	table := h.awaitUsage(t, "allowed", "--key", k.ID, "--group", "outcome", "--from", "0d")
	for _, want := range []string{"START", "OUTCOME", "REQUESTS", "REFUSALS"} {
		if !strings.Contains(strings.SplitN(table, "\n", 2)[0], want) {
			t.Errorf("the heading has no %s: %s", want, table)
		}
	}
	lines := h.awaitUsage(t, ",4,1", "--key", k.ID, "--from", "1d", "--csv")
	if want := "start,requests,refusals\r\n"; !strings.HasPrefix(lines, want) {
		t.Errorf("the CSV begins with %q, want %q", lines, want)
	}
	h.awaitUsage(t, k.ID+",cli test,4,1", "--group", "key", "--csv", "--by", "hour", "--from", "2h")
	h.awaitUsage(t, "GET /v1/auth/me,3,0", "--key", k.ID, "--group", "route", "--csv")
	answer := decode[struct {
		Total struct{ Requests, Refusals int }
	}](t, h.run(t, "", "usage", "--key", k.ID, "--json").is(t, 0))
	if answer.Total.Requests != 4 || answer.Total.Refusals != 1 {
		t.Errorf("the total is %+v, want 4 requests and 1 refusal", answer.Total)
	}
	if pages := h.run(t, "", "usage", "--project", "*", "--group", "project").is(t, 0).out; !strings.Contains(pages, "prj_") {
		t.Errorf("the deployment has no project:\n%s", pages)
	}
	h.run(t, "", "usage", "--key", "0000000000000000").is(t, 4)
	h.run(t, "", "usage", "--from", "soon").is(t, 2)
	h.run(t, "", "usage", "--csv", "--json").is(t, 2)
}
