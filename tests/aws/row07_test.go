//go:build e2e

package aws

import (
	"errors"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What else a conflict is and is not: tests/strictdynamo/row07_test.go.

func TestRow07TransactionThatMeetsAnotherIsCancelled(t *testing.T) {
	db := newDatabase(t)
	db.during(t, func() {
		err := db.transact(t, "free", "held")
		var cancelled *types.TransactionCanceledException
		if !errors.As(err, &cancelled) {
			t.Fatalf("got %v, want a cancelled transaction", err)
		}
		if n := len(cancelled.CancellationReasons); n != 2 {
			t.Fatalf("got %d reasons, want 2: %v", n, err)
		}
		for i, want := range []string{"None", "TransactionConflict"} {
			if got := *cancelled.CancellationReasons[i].Code; got != want {
				t.Errorf("reason %d is %s, want %s", i, got, want)
			}
		}
	})
}

func TestRow07WriteThatMeetsATransactionIsRefused(t *testing.T) {
	db := newDatabase(t)
	db.during(t, func() {
		if err := db.put(t, "held"); !errors.As(err, new(*types.TransactionConflictException)) {
			t.Errorf("got %v", err)
		}
	})
}

// during runs a test while a transaction holds the item "held".
func (db database) during(t *testing.T, test func()) {
	t.Helper()
	strictness(t, map[string]any{"hold_ms": 2000})
	var all sync.WaitGroup
	defer all.Wait()
	all.Go(func() {
		if err := db.transact(t, "held"); err != nil {
			t.Errorf("the transaction that was first: %v", err)
		}
	})
	for { // until it is under way
		out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: db.table, Key: itemOf("held"), ConsistentRead: aws.Bool(true)})
		if err != nil {
			t.Fatal(err)
		}
		if out.Item != nil {
			break
		}
	}
	test()
}
