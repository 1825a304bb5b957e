//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/tests/expect"
)

// The commands are pasted as they are printed, but for the line that reads .local/env: the
// suite has those variables already.
func TestCommandsOfTheReadmeWorkAsPasted(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), "\n## A first key")
	if !found {
		t.Fatal("README.md has no section `A first key`")
	}
	_, block, opened := strings.Cut(section, "```sh\n")
	commands, _, closed := strings.Cut(block, "```")
	expect.Same(t, "that a block of commands begins in that section", opened, true)
	expect.Same(t, "that the block ends", closed, true)
	sourced := "set -a; . .local/env; set +a\n"
	if !strings.HasPrefix(commands, sourced) {
		t.Fatalf("the commands do not begin with %q:\n%s", sourced, commands)
	}
	if n := strings.Count(commands, "curl "); n != 5 {
		t.Errorf("%d curl commands, not five", n)
	}
	shell := exec.CommandContext(t.Context(), "bash", "-eu")
	shell.Env = append(os.Environ(), "ADMIN_EMAIL="+admin(t).Email, "ADMIN_PASSWORD="+admin(t).password)
	shell.Stdin = strings.NewReader(strings.TrimPrefix(commands, sourced))
	printed, err := shell.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	for _, want := range []string{`"read:campaigns"`, `"status":"revoked"`, `"error_code":"API_KEY_REVOKED"`} {
		if !strings.Contains(string(printed), want) {
			t.Errorf("the commands did not print %s:\n%s", want, printed)
		}
	}
}
