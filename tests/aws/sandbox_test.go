//go:build e2e

package aws

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// A life is what a process of the probe tells of itself.
type life struct{ Process, Served, Ticks int }

func (a answer) life(t testing.TB) (l life) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.is(t, 200).body), &l); err != nil {
		t.Fatalf("%s: %v in %s", a.asked, err, a.body)
	}
	return l
}

func printing(lines ...string) map[string]any { return map[string]any{"do": "print", "lines": lines} }
func sleeping(millis int) map[string]any      { return map[string]any{"do": "sleep", "millis": millis} }

// atOnce sends the same request n times, and returns the answers when all are there.
func atOnce(t testing.TB, n int, ask func() answer) []answer {
	t.Helper()
	answers := make([]answer, n)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = ask() })
	}
	all.Wait()
	return answers
}

// kill ends idle processes of a function, as Lambda does when it likes: with SIGTERM for
// those that registered for it, or without a word. It returns how many there were.
func kill(t testing.TB, function string, sigterm bool) int {
	t.Helper()
	var done struct{ Killed int }
	emulator(t, "kill", map[string]any{"function": function, "sigterm": sigterm}, &done)
	return done.Killed
}

// emulator calls one of the emulator's own endpoints (local/strict/control.py).
func emulator(t testing.TB, what string, wanted, result any) {
	t.Helper()
	body, err := json.Marshal(wanted)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Post(os.Getenv("AWS_ENDPOINT_URL")+"/_latchkey/"+what, "application/json", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	if err := json.NewDecoder(res.Body).Decode(result); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", what, res.StatusCode, err)
	}
}

// logOf is what stands in a function's log group since a moment, once it contains `wanted`.
func logOf(t testing.TB, function string, since time.Time, wanted string) []string {
	t.Helper()
	var lines []string
	for deadline := time.Now().Add(5 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		lines = logged(t, function, since)
		if strings.Contains(strings.Join(lines, "\n"), wanted) {
			return lines
		}
	}
	t.Fatalf("the log of %s does not contain %q:\n%s", function, wanted, strings.Join(lines, "\n"))
	return nil
}

func logged(t testing.TB, function string, since time.Time) (lines []string) {
	t.Helper()
	var page struct {
		Events    []struct{ Message string }
		NextToken string
	}
	for first := true; first || page.NextToken != ""; first = false {
		wanted := map[string]any{"logGroupName": "/aws/lambda/" + function, "startTime": since.UnixMilli()}
		if page.NextToken != "" {
			wanted["nextToken"] = page.NextToken
		}
		page.Events, page.NextToken = nil, ""
		if err := json.Unmarshal([]byte(callLogs(t, "FilterLogEvents", wanted)), &page); err != nil {
			t.Fatal(err)
		}
		for _, event := range page.Events {
			lines = append(lines, event.Message)
		}
	}
	return lines
}

// callLogs calls CloudWatch Logs and returns what it answers.
func callLogs(t testing.TB, operation string, wanted map[string]any) string {
	t.Helper()
	body, err := json.Marshal(wanted)
	if err != nil {
		t.Fatal(err)
	}
	return awsCall{"logs", http.MethodPost, "/", string(body)}.sendWith(t, map[string]string{
		"X-Amz-Target": "Logs_20140328." + operation, "Content-Type": "application/x-amz-json-1.1"}).is(t, 200).body
}
