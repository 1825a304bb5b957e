package storetest

import (
	"os"
	"strconv"
	"testing"
)

// Histories returns how many histories a test of races plays: HISTORIES, or few.
func Histories(t testing.TB, few int) int {
	t.Helper()
	text := os.Getenv("HISTORIES")
	if text == "" {
		return few
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("HISTORIES=%s is not a number of histories", text)
	}
	return n
}
