package apikey_test

import (
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/apikey"
)

func TestLabelIsTextThatIsShownAsItWasWritten(t *testing.T) {
	for _, good := range []string{"a", "ci-pipeline", "Größe 日本 مفتاح", "👩‍🚀", strings.Repeat("é", 100)} {
		if problem := apikey.LabelProblem(good); problem != "" {
			t.Errorf("%q %s", good, problem)
		}
	}
	for _, bad := range []string{
		"", " a", "a ", strings.Repeat("a", 101), "a\nb", "a\x00", "a\u0085", "\xff",
		"invoice\u202egpj.exe", "a\u2066b\u2069", "\u200ea", "\u061ca",
	} {
		if apikey.LabelProblem(bad) == "" {
			t.Errorf("%q is a label", bad)
		}
	}
}
