//go:build e2e

package aws

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What costs how much, and which limits AWS has: tests/strictdynamo/row08_test.go.

func TestRow08PartitionBeyondItsRateIsThrottled(t *testing.T) {
	db := newDatabase(t)
	strictness(t, map[string]any{"write_units": 0.1}) // a second is too short for this machine to be sure of more
	if err := db.put(t, "hot"); err != nil {
		t.Fatal(err)
	}
	err := db.put(t, "hot")
	var throttled *types.ThrottlingException
	if !errors.As(err, &throttled) {
		t.Fatalf("got %v, want a throttled write", err)
	}
	if n := len(throttled.ThrottlingReasons); n != 1 {
		t.Fatalf("got %d reasons, want 1: %v", n, err)
	}
	if got := *throttled.ThrottlingReasons[0].Reason; got != "TableWriteKeyRangeThroughputExceeded" {
		t.Errorf("the reason is %s", got)
	}
	if err := db.put(t, "cold"); err != nil {
		t.Errorf("another partition: %v", err)
	}
}
