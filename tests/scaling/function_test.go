package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/tests/runtimeapi"
)

// A function is one process of a function, as it is deployed.
type function struct {
	*runtimeapi.Process
	t testing.TB
}

// build makes the bootstrap of a function's folder.
func build(t testing.TB, folder string) string {
	t.Helper()
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	command := exec.Command("go", "build", "-tags=lambda.norpc", "-o", bootstrap, "../../"+folder)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("building %s: %v\n%s", folder, err, out)
	}
	return bootstrap
}

func start(t testing.TB, bootstrap string, variables ...string) *function {
	t.Helper()
	return &function{runtimeapi.Start(t, bootstrap, variables...), t}
}

// invoke returns what the function answers.
func (f *function) invoke(event any) string {
	f.t.Helper()
	text, err := json.Marshal(event)
	must(f.t, err)
	select {
	case f.Events <- text:
	case <-time.After(time.Minute):
		f.t.Fatalf("the function does not ask for work: %s", f.Kill())
	}
	select {
	case answer := <-f.Answers:
		body, ok := strings.CutPrefix(answer, "response ")
		if !ok {
			f.t.Fatalf("%s\n%s", answer, f.Kill())
		}
		return body
	case <-time.After(time.Minute):
		f.t.Fatalf("the function does not answer: %s", f.Kill())
		return ""
	}
}

// cpu is the time for which a stopped process has run.
func (f *function) cpu() time.Duration {
	return f.State().UserTime() + f.State().SystemTime()
}
