// Package machine names the machine on which something is measured.
package machine

import (
	"os"
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
