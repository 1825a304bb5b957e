//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

func TestCommandsOfTheRunsPageWorkAsPasted(t *testing.T) {
	text, err := os.ReadFile("../../docs/runs.md")
	if err != nil {
		t.Fatal(err)
	}
	// From where a key is there: local/documents.py runs all of it.
	_, block, opened := strings.Cut(string(text), "\nfield() ")
	commands, rest, closed := strings.Cut("field() "+block, "```")
	expect.Same(t, "that docs/runs.md has a block of commands", opened, true)
	expect.Same(t, "that the block ends", closed, true)
	expect.Same(t, "that a curl command is outside of the block", strings.Contains(rest, "curl "), false)
	k := newKey(t, owner(t).token, object{"scopes": []string{"read:events", "write:events"}})
	shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail")
	shell.Env = append(os.Environ(), "API_URL="+apiURL, "KEY="+k.Key)
	shell.Stdin = strings.NewReader(commands)
	printed, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	out := string(printed)
	if strings.Contains(out, `"error_code"`) {
		t.Errorf("a command was refused:\n%s", out)
	}
	for what, want := range map[string]string{
		"the event is not appended":           `"first_seq":1,"last_seq":1`,
		"the second poll is not empty":        `"status":"running","events":[]`,
		"the run does not end":                `"status":"pass","first_seq":2,"last_seq":2`,
		"the run is not shown":                `"last_seq":2,"baseUrl":""`,
		"the ticket does not open the events": `"kind":"end","status":"pass"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%s: the commands did not print %s:\n%s", what, want, out)
		}
	}
}
