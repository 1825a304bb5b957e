//go:build e2e

package main_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// A writer writes to a run with a key of its own, which may read it too.
type writer struct {
	t   *testing.T
	key string
	run string
}

func newWriter(t *testing.T) writer {
	t.Helper()
	w := writer{t, signedIn(t).newKey(t, "--scope", "write:events,read:events").Key, ""}
	_, made := api(t, "POST", "/v1/runs", w.key, "")
	w.run = made["id"].(string)
	return w
}

func (w writer) append(body string) {
	w.t.Helper()
	if status, answer := api(w.t, "POST", "/v1/runs/"+w.run+"/events", w.key, body); status != 202 {
		w.t.Fatalf("%d %v", status, answer)
	}
}

func TestTailPrintsEachEventAsItComesAndEndsAsTheRunDoes(t *testing.T) {
	w := newWriter(t)
	w.append(`{"events":[{"kind":"status","text":"one"}]}`)
	tail := newHome(t, "LATCHKEY_API_KEY="+w.key).command("", "runs", "tail", w.run)
	out, err := tail.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := tail.Start(); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		fields := strings.SplitN(lines.Text(), "  ", 3) // seq, at, and the rest
		seen = append(seen, fields[0]+" "+fields[2])
		if len(seen) == 1 {
			w.append(`{"events":[{"kind":"status","text":"two\u009b31m","step":2},{"kind":"assist"}]}`)
			w.append(`{"status":"fail"}`)
		}
	}
	_ = tail.Wait()
	if code := tail.ProcessState.ExitCode(); code != 6 {
		t.Errorf("ended with %d", code)
	}
	want := []string{`1 status  one`, "2 status  two\ufffd31m  {\"step\":2}", `3 assist`, `4 end  {"status":"fail"}`}
	if fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Errorf("%q", seen)
	}
}

func TestTailThatWasInterruptedGoesOnWhereItWas(t *testing.T) {
	w := newWriter(t)
	w.append(`{"events":[{"kind":"status"},{"kind":"status"}]}`)
	h := newHome(t, "LATCHKEY_API_KEY="+w.key)
	tail := h.command("", "runs", "tail", w.run, "--json")
	var notes bytes.Buffer
	tail.Stderr = &notes
	out, err := tail.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := tail.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for range 2 {
		lines.Scan()
	}
	time.Sleep(100 * time.Millisecond) // it is waiting, for half a second at least
	if err := tail.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = tail.Wait()
	_, cursor, _ := strings.Cut(strings.TrimSpace(notes.String()), "--cursor ")
	code := tail.ProcessState.ExitCode()
	if code != 130 {
		t.Fatalf("ended with %d, want 130: %s", code, notes.String())
	}
	if cursor == "" {
		t.Fatalf("it names no cursor: %s", notes.String())
	}
	w.append(`{"status":"pass"}`)
	rest := h.run(t, "", "runs", "tail", w.run, "--json", "--cursor", cursor).is(t, 0)
	if !strings.HasPrefix(rest.out, `{"seq":3,`) {
		t.Errorf("the rest does not start at the third event:\n%s", rest.out)
	}
	if strings.Count(rest.out, "\n") != 1 {
		t.Errorf("the rest is not one line:\n%s", rest.out)
	}
}

func TestRunsAreListedAndShown(t *testing.T) {
	w := newWriter(t)
	w.append(`{"status":"pass"}`)
	h := newHome(t, "LATCHKEY_API_KEY="+w.key)
	listed := ""
	for range 20 { // the list may lag behind
		if listed = h.run(t, "", "runs", "list").is(t, 0).out; strings.Contains(listed, w.run) {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	shown := h.run(t, "", "runs", "get", w.run).is(t, 0).out
	for what, text := range map[string]string{"the list": listed, "the run": shown} {
		found := false
		for line := range strings.Lines(text) {
			f := strings.Fields(line)
			found = found || len(f) == 6 && f[0] == w.run && f[1] == "pass" && f[3] == "1" && f[5] != "-"
		}
		if !found {
			t.Errorf("%s lacks the run:\n%s", what, text)
		}
		if !strings.HasPrefix(text, "ID ") {
			t.Errorf("%s has no heading:\n%s", what, text)
		}
	}
	if one := h.run(t, "", "runs", "list", "--limit", "1", "--json").is(t, 0).out; strings.Count(one, `"id"`) != 1 {
		t.Errorf("one run as JSON is\n%s", one)
	}
	if got := h.run(t, "", "runs", "list", "--project", "prj_AAAAAAAAAAAAAAAAAAAAAAAAAA"); got.exit == 0 {
		t.Errorf("a project of nobody's is listed:\n%s", got.out)
	}
}
