package release_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/latchkey/latchkey/shared/release"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestVersionIsThatOfTheOpenAPIDocument(t *testing.T) {
	text, err := os.ReadFile("../../functions/openapi/openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Info struct{ Version string } }
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the version", release.Version, doc.Info.Version)
}
