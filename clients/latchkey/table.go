package main

import (
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"golang.org/x/term"
)

const (
	gap       = 2 // between two columns
	narrowest = 8 // a column is not cut below this
)

// width returns the terminal's width, in letters; 0 if the result goes elsewhere.
func (a *app) width() int {
	out, ok := a.out.(*os.File)
	if !ok {
		return 0
	}
	width, _, err := term.GetSize(int(out.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// printTable prints rows under a heading; "" is a dash. On a terminal, long cells are cut so that a row is one line.
func (a *app) printTable(heading string, rows [][]string) error {
	table := [][]string{strings.Fields(heading)}
	for _, row := range rows {
		cells := make([]string, len(row))
		for i, cell := range row {
			if cells[i] = printable(cell); cells[i] == "" {
				cells[i] = "-"
			}
		}
		table = append(table, cells)
	}
	if width := a.width(); width > 0 {
		fit(table, width)
	}
	out := tabwriter.NewWriter(a.out, 0, 0, gap, ' ', 0)
	for _, row := range table {
		if _, err := io.WriteString(out, strings.Join(row, "\t")+"\n"); err != nil {
			return err
		}
	}
	return out.Flush()
}

// fit cuts the cells of the widest columns, except those of the first, until the table is as narrow as the terminal.
func fit(table [][]string, width int) {
	widths := make([]int, len(table[0]))
	total := gap * (len(widths) - 1)
	for i := range widths {
		for _, row := range table {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
		total += widths[i]
	}
	for ; total > width; total-- {
		widest := 0
		for i := 1; i < len(widths); i++ {
			if widths[i] > narrowest && (widest == 0 || widths[i] > widths[widest]) {
				widest = i
			}
		}
		if widest == 0 {
			break
		}
		widths[widest]--
	}
	for _, row := range table {
		for i, cell := range row {
			row[i] = cut(cell, widths[i])
		}
	}
}

// cut shortens a text to a number of letters, and shows that it did.
func cut(text string, width int) string {
	letters := []rune(text)
	if len(letters) <= width {
		return text
	}
	return string(letters[:width-1]) + "…"
}
