//go:build e2e

package aws

import "testing"

// It goes through functions: they must reach DynamoDB as the tests of rows 7 and 8 do.

func TestRow10KeyThatWasJustMadeIsNotListedYet(t *testing.T) {
	c := administrator(t)
	strictness(t, map[string]any{"lag_ms": 5000})
	if k := c.newKey(t, nil); c.lists(t, k.ID) {
		t.Error("it is listed")
	}
}
