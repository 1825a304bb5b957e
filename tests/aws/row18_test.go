//go:build e2e

package aws

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestRow18LogHasLambdasOwnLinesAroundAFunctions(t *testing.T) {
	kill(t, probe.FunctionName, false)
	began := time.Now()
	send(t, get("/open").told(printing("the first")))
	send(t, get("/open").told(printing("the second")))
	log := strings.Join(logOf(t, probe.FunctionName, began, "the second\nEND"), "\n") + "\n"
	const id = `[0-9a-f-]{36}`
	report := `REPORT RequestId: ` + id + `\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: [1-9]\d* MB\t`
	want := `INIT_START Runtime Version: \S+\tRuntime Version ARN: \S+\n` +
		`START RequestId: ` + id + ` Version: \$LATEST\nthe first\nEND RequestId: ` + id + `\n` + report + `Init Duration: [\d.]+ ms\t\n` +
		`START RequestId: ` + id + ` Version: \$LATEST\nthe second\nEND RequestId: ` + id + `\n` + report + `\n`
	if !regexp.MustCompile(want).MatchString(log) {
		t.Errorf("the log is\n%s", log)
	}
}

func TestRow18CrashAndTimeOutLeaveALineOfLambdas(t *testing.T) {
	began := time.Now()
	send(t, get("/open").told(map[string]any{"do": "exit"})).is(t, 502)
	send(t, get("/open").told(sleeping(10000))).is(t, 502)
	log := strings.Join(logOf(t, probe.FunctionName, began, "Task timed out"), "\n")
	for _, want := range []string{
		"Error: Runtime exited with error: exit status 1\nRuntime.ExitError\nEND",
		"Status: error\tError Type: Runtime.ExitError\n", "Status: timeout\n", "Task timed out after 3.00 seconds",
	} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not contain %q:\n%s", want, log)
		}
	}
}

func TestNoLinePrintedBeforeAnAnswerIsLostHoweverSoonTheProcessIsKilled(t *testing.T) {
	began := time.Now()
	var wanted []string
	for i := range 10 {
		var lines []string
		for j := range 20 {
			lines = append(lines, fmt.Sprintf("line %d of %d of %d", j, i, began.UnixNano()))
		}
		send(t, get("/open").told(printing(lines...)))
		kill(t, probe.FunctionName, false)
		wanted = append(wanted, lines...)
	}
	logOf(t, probe.FunctionName, began, wanted[len(wanted)-1])
	found := strings.Join(logged(t, probe.FunctionName, began), "\n") + "\n"
	for _, line := range wanted {
		if strings.Count(found, line+"\n") != 1 {
			t.Errorf("%q is in the log %d times", line, strings.Count(found, line+"\n"))
		}
	}
}
