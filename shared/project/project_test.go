package project_test

import (
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/project"
)

// The dashboard and other people's pages put it into a style.
func TestColorIsHexadecimalOrANameAndNothingElse(t *testing.T) {
	for text, want := range map[string]bool{
		"#abc": true, "#abcd": true, "#A1b2C3": true, "#a1b2c3d4": true, "red": true, "RebeccaPurple": true, strings.Repeat("a", 32): true,
		"": false, "#": false, "#ab": false, "#abcde": false, "#abcdefa": false, "#abcdefabc": false, "#ggg": false, "##abc": false,
		strings.Repeat("a", 33): false, "red;x": false, "red\n": false, "#abc\n": false, " red": false, "url(x)": false, "r1": false, "\u212ahaki": false,
	} {
		if project.ValidColor(text) != want {
			t.Errorf("%q: %v, want %v", text, !want, want)
		}
	}
}
