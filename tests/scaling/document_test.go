package main

import (
	"os"
	"strings"
	"testing"
)

func TestDocumentHasTheTablesThatTheProgramComputes(t *testing.T) {
	text, err := os.ReadFile("../../docs/scaling.md")
	must(t, err)
	computed, err := tables()
	must(t, err)
	filled, err := withTables(string(text), computed)
	must(t, err)
	is, want := strings.Split(string(text), "\n"), strings.Split(filled, "\n")
	for i := range want {
		if i >= len(is) || is[i] != want[i] {
			t.Fatalf("docs/scaling.md has other tables; run `make scaling`. The first line that differs should be:\n%s", want[i])
		}
	}
}

func TestTableWithoutAPlaceAndPlaceWithoutATableAreErrors(t *testing.T) {
	const one = "<!-- table: one -->\n<!-- end of table -->"
	for _, document := range []string{"", one + "\n" + strings.ReplaceAll(one, "one", "nonsense")} {
		if _, err := withTables(document, map[string]string{"one": "| 1 |\n"}); err == nil {
			t.Errorf("%q is filled", document)
		}
	}
}
