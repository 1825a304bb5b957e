package main

import (
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
