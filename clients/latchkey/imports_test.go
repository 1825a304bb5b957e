package main

import (
	"os/exec"
	"strings"
	"testing"
)

func TestFunctionsAndCommandLineShareNothing(t *testing.T) {
	deps := func(packages ...string) string {
		out, err := exec.Command("go", append([]string{"list", "-deps"}, packages...)...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if functions := deps("../../functions/...", "../../authorizer"); strings.Contains(functions, "spf13/") || strings.Contains(functions, "x/term") {
		t.Error("a function has the command line's libraries in it")
	}
	if own := deps("."); strings.Contains(own, "latchkey/shared/") || strings.Contains(own, "aws-sdk") {
		t.Error("the command line has a part of the service in it")
	}
}
