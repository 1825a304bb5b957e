package main

import (
	"os/exec"
	"strings"
	"testing"
)

// list runs `go list` with a format and packages.
func list(t *testing.T, args ...string) string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"list"}, args...)...).Output() //nolint:gosec // the arguments are of this file
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestNoFunctionHasTheCommandLineInIt(t *testing.T) {
	functions := list(t, "-deps", "../../functions/...", "../../authorizer")
	for _, part := range []string{"spf13/", "x/term", "latchkey/clients", "service/cloudformation", "service/sns"} {
		if strings.Contains(functions, part) {
			t.Errorf("a function has %s in it", part)
		}
	}
}

// Only the examination of a deployment reads AWS; all other commands know the service's HTTP API, what the chain of a log is, a good catalogue, and how usage is reported.
func TestOnlyTheDoctorKnowsAWS(t *testing.T) {
	imports := list(t, "-f", `{{join .Imports "\n"}}`, ".")
	for line := range strings.Lines(imports) {
		p := strings.TrimSpace(line)
		if strings.Contains(p, "aws-sdk") || strings.Contains(p, "latchkey/shared/") && !strings.HasSuffix(p, "/audit") && !strings.HasSuffix(p, "/chain") && !strings.HasSuffix(p, "/shared/scope") && !strings.HasSuffix(p, "/report") {
			t.Errorf("the command line imports %s", p)
		}
	}
}
