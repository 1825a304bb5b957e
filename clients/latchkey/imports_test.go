package main

import (
	"os/exec"
	"strings"
	"testing"
)

func TestFunctionsAndCommandLineShareTheChainOfALogAndNothingElse(t *testing.T) {
	deps := func(packages ...string) string {
		out, err := exec.Command("go", append([]string{"list", "-deps"}, packages...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	functions := deps("../../functions/...", "../../authorizer")
	if strings.Contains(functions, "spf13/") {
		t.Error("a function has spf13/ in it")
	}
	if strings.Contains(functions, "x/term") {
		t.Error("a function has x/term in it")
	}
	own := deps(".")
	for line := range strings.Lines(own) { // what a log's chain is, the two know alike
		if p := strings.TrimSpace(line); strings.Contains(p, "latchkey/shared/") && !strings.HasSuffix(p, "/audit") && !strings.HasSuffix(p, "/chain") {
			t.Errorf("the command line has %s in it", p)
		}
	}
	if strings.Contains(own, "aws-sdk") {
		t.Error("the command line has aws-sdk in it")
	}
}
