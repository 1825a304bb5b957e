package main

import (
	"os"
	"strings"
	"testing"
)

func TestDocumentHasTheTablesThatTheProgramComputes(t *testing.T) {
	text, err := os.ReadFile("../../docs/scaling.md")
	must(t, err)
	filled, err := Fill(string(text))
	must(t, err)
	is, want := strings.Split(string(text), "\n"), strings.Split(filled, "\n")
	for i := range want {
		if i >= len(is) || is[i] != want[i] {
			t.Fatalf("docs/scaling.md has other tables; run `make scaling`. The first line that differs should be:\n%s", want[i])
		}
	}
}

func TestTableWithoutAPlaceAndPlaceWithoutATableAreErrors(t *testing.T) {
	for _, document := range []string{"", "<!-- table: nonsense -->\n<!-- end of table -->"} {
		if _, err := Fill(document); err == nil {
			t.Errorf("%q is filled", document)
		}
	}
}
