package main

import (
	"os/exec"
	"slices"
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

// ours are the packages of the service that all commands may use: what a log and its chain are, a good catalogue,
// how usage is reported, and the version.
var ours = []string{"audit", "chain", "release", "report", "scope"}

// Only the examination of a deployment reads AWS; all other commands know the service's HTTP API.
func TestOnlyTheDoctorKnowsAWS(t *testing.T) {
	for line := range strings.Lines(list(t, "-f", `{{join .Imports "\n"}}`, ".")) {
		p := strings.TrimSpace(line)
		_, name, shared := strings.Cut(p, "latchkey/shared/")
		if strings.Contains(p, "aws-sdk") || shared && !slices.Contains(ours, name) {
			t.Errorf("the command line imports %s", p)
		}
	}
}
