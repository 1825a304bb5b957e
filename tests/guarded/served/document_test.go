//go:build e2e

package served

import (
	"net/http"
	"testing"

	"github.com/latchkey/latchkey/clients/latchkeytest"
)

// As docs/sam-local.md shows it.
func TestOnlyWritersCreate(t *testing.T) {
	latchkey := latchkeytest.Start(t, "../shop/template.yaml")
	res, err := latchkey.As(latchkey.ReadOnlyKey).Post(latchkey.URL+"/api/campaigns", "application/json", nil)
	if err != nil || res.StatusCode != http.StatusForbidden {
		t.Fatal(res, err)
	}
	_ = res.Body.Close()
}
