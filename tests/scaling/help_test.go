package main

import (
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/secret"
)

const ring = `{"current":"1","1":"ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss"}`

func parsed(t testing.TB) secret.Ring {
	t.Helper()
	r, err := secret.ParseRing(ring)
	must(t, err)
	return r
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// machine names the processor that measures.
func machine() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	_, after, found := strings.Cut(string(text), "model name")
	if !found {
		return runtime.GOARCH
	}
	line, _, _ := strings.Cut(after, "\n")
	return strings.TrimSpace(strings.TrimLeft(line, "\t :"))
}
