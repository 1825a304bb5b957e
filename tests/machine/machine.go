// Package machine names the machine on which something is measured, and the commit that is.
package machine

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// Processor returns the processor's name, or its architecture where the name cannot be read.
func Processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	_, after, found := strings.Cut(string(text), "model name")
	if !found {
		return runtime.GOARCH
	}
	line, _, _ := strings.Cut(after, "\n")
	return strings.TrimSpace(strings.TrimLeft(line, "\t :"))
}

// Commit returns the commit that is checked out, marked if files have changed since.
func Commit() string {
	text, err := exec.Command("git", "describe", "--always", "--dirty").Output() //nolint:noctx // it takes a moment
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(text))
}
