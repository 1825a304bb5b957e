// Package expect has the one assertion that our tests share: a failure names the fact.
package expect

import "testing"

// Same fails the test, and lets it go on, if a fact is not as wanted: "the status is 401, want 200".
func Same[T comparable](t testing.TB, fact string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %#v, want %#v", fact, got, want)
	}
}
