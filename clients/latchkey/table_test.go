package main

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTableOnATerminalFitsIt(t *testing.T) {
	table := [][]string{
		{"ID", "LABEL", "SCOPES"},
		{"4Hk0pQzXw2LmN8sT", strings.Repeat("lang ", 20), "read:stats"},
		{"5Hk0pQzXw2LmN8sT", "kürzer", strings.Repeat("write:ünder,", 30)},
	}
	fit(table, 60)
	for _, row := range table {
		if row[0] != "ID" && len(row[0]) != 16 {
			t.Errorf("the first column is cut: %q", row[0])
		}
	}
	var total int
	for i := range table[0] {
		widest := 0
		for _, row := range table {
			widest = max(widest, utf8.RuneCountInString(row[i]))
		}
		total += widest
	}
	if total += 2 * gap; total > 60 {
		t.Errorf("the table takes %d letters of 60", total)
	}
	if !strings.HasSuffix(table[1][1], "…") {
		t.Errorf("nothing shows that %q is cut", table[1][1])
	}
}

func TestTableThatFitsIsNotCut(t *testing.T) {
	table := [][]string{{"ID", "LABEL"}, {"4Hk0pQzXw2LmN8sT", "Ada's laptop"}}
	fit(table, 30)
	if want := []string{"4Hk0pQzXw2LmN8sT", "Ada's laptop"}; !slices.Equal(table[1], want) {
		t.Errorf("row: %q, want %q", table[1], want)
	}
}

func TestTableIsNotCutBelowWhatCanBeRead(t *testing.T) {
	table := [][]string{{"ID", "LABEL"}, {"4Hk0pQzXw2LmN8sT", "production"}}
	fit(table, 5)
	if want := "product…"; table[1][1] != want {
		t.Errorf("label: %q, want %q", table[1][1], want)
	}
}

func TestNothingThatIsPrintedMovesTheCursorOrTurnsTheText(t *testing.T) {
	if got, want := printable("a\x1b[2Jb\u202ec\u2066d\r"), "a\ufffd[2Jb\ufffdc\ufffdd\ufffd"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
