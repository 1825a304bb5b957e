// Command scaling writes the tables of docs/scaling.md: what a million checks cost, and what breaks
// first when there are many of them.
//
//	measured.json  what our functions cost: measure_test.go runs them and writes it  ┐
//	sizes.json     how long calls take on large tables: sizes_test.go                ├─► document.go ─► docs/scaling.md
//	aws.go         prices and quotas of AWS, and what is assumed                     ┘
//	cost.go        dollars of an invocation     quotas.go    Little's law against each quota
//	burst.go       simulates cold starts        counting.go  simulates the counting of uses
//
// `make scaling` measures and then runs this, which reads the document and prints it with its tables. The
// unit tests fail if the document has other tables, or if the functions no longer cost what was measured.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "scaling:", err)
		os.Exit(1)
	}
}

func run() error {
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	computed, err := tables()
	if err != nil {
		return err
	}
	filled, err := withTables(string(text), computed)
	if err != nil {
		return err
	}
	_, err = os.Stdout.WriteString(filled)
	return err
}
