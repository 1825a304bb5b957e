// Command catalogue checks shared/scope/catalogue.json before the functions are built: a mistake stops the
// build with its line, where the functions would all fail when they start. It runs in the module's root.
package main

import (
	"fmt"
	"os"

	"github.com/latchkey/latchkey/shared/scope"
)

func main() {
	text, err := os.ReadFile(scope.BuiltIn)
	if err == nil {
		_, err = scope.Compose(scope.BuiltIn, text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
