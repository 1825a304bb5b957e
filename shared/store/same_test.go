package store_test

import "testing"

// same compares one fact, and a failure names it.
func same[T comparable](t *testing.T, fact string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %#v, want %#v", fact, got, want)
	}
}
