//go:build e2e

package aws

import (
	"os"
	"testing"
	"time"
)

func TestRow17ExpiredKeyIsUnknownWhenTheTableHasForgottenIt(t *testing.T) {
	c := administrator(t)
	end := time.Now().Add(3 * time.Second)
	k := c.newKey(t, map[string]any{"expires_at": end.UTC().Format(time.RFC3339)})
	time.Sleep(time.Until(end.Add(time.Second))) // the table forgets by whole seconds
	if got := k.refusal(t); got != "API_KEY_EXPIRED" {
		t.Errorf("an expired key is refused as %s", got)
	}
	if !c.lists(t, k.ID) {
		t.Error("an expired key is not listed")
	}
	control(t, "/_latchkey/dynamodb/expire", map[string]any{"table": os.Getenv("TABLE_NAME")}, nil)
	if got := k.refusal(t); got != "API_KEY_INVALID" {
		t.Errorf("a key that the table has forgotten is refused as %s", got)
	}
	if c.lists(t, k.ID) {
		t.Error("a key that the table has forgotten is listed")
	}
}
