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
	text, err := io.ReadAll(os.Stdin)
	if err == nil {
		var filled string
		if filled, err = Fill(string(text)); err == nil {
			_, err = os.Stdout.WriteString(filled)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "scaling:", err)
		os.Exit(1)
	}
}
