package strictdynamo_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/tests/strictdynamo"
)

// big makes an item of so many KB.
func big(id string, kilobytes int) item {
	it := key(id)
	it["text"] = s(strings.Repeat("x", kilobytes*1024-50))
	return it
}

// admitted makes at most n calls one after the other, and returns how many were let through.
func admitted(t *testing.T, n int, call func() error) int {
	t.Helper()
	for i := range n {
		if err := call(); err != nil {
			if throttledBy(err) == "" {
				t.Fatalf("call %d: %v", i, err)
			}
			return i
		}
	}
	return n
}

// throttledBy returns the reason of a throttling error, or "".
func throttledBy(err error) string {
	var throttling *types.ThrottlingException
	if errors.As(err, &throttling) && len(throttling.ThrottlingReasons) > 0 {
		return *throttling.ThrottlingReasons[0].Reason
	}
	return reasons(err)
}

func TestRow08PartitionTakes1000WriteUnitsASecond(t *testing.T) {
	p := newPlace(t)
	write := func() error { return p.put(big("hot", 100)) }
	if n := admitted(t, 12, write); n != 10 {
		t.Errorf("%d writes of 100 units were let through", n)
	}
	if reason := throttledBy(write()); reason != "TableWriteKeyRangeThroughputExceeded" {
		t.Errorf("reason %q", reason)
	}
	if err := p.put(big("cold", 100)); err != nil {
		t.Errorf("another partition: %v", err)
	}
	p.get(t, "hot")
	p.wait(time.Second)
	if err := write(); err != nil {
		t.Errorf("a second later: %v", err)
	}
	p.Strict("8", false)
	if n := admitted(t, 12, write); n != 12 {
		t.Errorf("with the row off %d of 12 were let through", n)
	}
}

func TestRow08PartitionTakes3000ReadUnitsASecond(t *testing.T) {
	p := newPlace(t)
	if units := p.Settings().ReadUnits; units != 3000 {
		t.Errorf("the limit is %v", units)
	}
	p.Set(func(s *strictdynamo.Settings) { s.ReadUnits = 20 }) // so that 12 MB need not be read
	if err := p.put(big("hot", 8)); err != nil {               // 2 read units
		t.Fatal(err)
	}
	read := func(consistent bool) func() error {
		return func() error {
			_, err := p.GetItem(ctx, &dynamodb.GetItemInput{TableName: p.table, Key: key("hot"), ConsistentRead: &consistent})
			return err
		}
	}
	if n := admitted(t, 30, read(true)); n != 10 {
		t.Errorf("%d consistent reads of 2 units were let through", n)
	}
	if reason := throttledBy(read(true)()); reason != "TableReadKeyRangeThroughputExceeded" {
		t.Errorf("reason %q", reason)
	}
	p.wait(time.Second)
	if n := admitted(t, 30, read(false)); n != 20 {
		t.Errorf("%d eventually consistent reads of 1 unit were let through", n)
	}
	p.Strict("8", false)
	if n := admitted(t, 30, read(true)); n != 30 {
		t.Errorf("with the row off %d of 30 were let through", n)
	}
}

// A Query's cost depends on the bytes that it reads, so it is known only after the Query.
func TestRow08QueryCostsByWhatItReads(t *testing.T) {
	p := newPlace(t)
	p.Set(func(s *strictdynamo.Settings) { s.ReadUnits = 10 })
	if err := p.put(big("hot", 12)); err != nil { // 3 read units
		t.Fatal(err)
	}
	query := func() error {
		_, err := p.Query(ctx, &dynamodb.QueryInput{
			TableName: p.table, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
			ExpressionAttributeValues: item{":pk": key("hot")["pk"]},
		})
		return err
	}
	if n := admitted(t, 10, query); n != 4 { // the fourth finds 9 used, and reads 3
		t.Errorf("%d queries were let through", n)
	}
}

func TestRow08WriteInATransactionCostsTwo(t *testing.T) {
	p := newPlace(t)
	p.Set(func(s *strictdynamo.Settings) { s.WriteUnits, s.HoldMS = 20, 0 })
	if n := admitted(t, 30, func() error { return p.update("single") }); n != 20 {
		t.Errorf("%d writes were let through", n)
	}
	inTransaction := func() error { return p.transact("", "other", "hot") }
	if n := admitted(t, 30, inTransaction); n != 10 {
		t.Errorf("%d transactions were let through", n)
	}
	p.Set(func(s *strictdynamo.Settings) { s.WriteUnits = 40 })
	if n := admitted(t, 30, func() error { return p.update("hot") }); n != 20 {
		t.Errorf("%d writes were let through", n)
	}
	if got := reasons(p.transact("", "third", "hot")); got != "None ThrottlingError" {
		t.Errorf("a transaction with one hot partition: reasons %q", got)
	}
}

func TestRow08IndexPartitionHasItsOwnLimit(t *testing.T) {
	p := newPlace(t)
	p.Set(func(s *strictdynamo.Settings) { s.WriteUnits = 10 })
	id := byte('a')
	create := func() error {
		id++
		return p.put(owned("usr_A", string(id)))
	}
	if n := admitted(t, 15, create); n != 10 {
		t.Errorf("%d items of one owner were let through", n)
	}
	if reason := throttledBy(create()); reason != "IndexWriteKeyRangeThroughputExceeded" {
		t.Errorf("reason %q", reason)
	}
	if err := p.put(owned("usr_B", "z")); err != nil {
		t.Errorf("another owner's: %v", err)
	}
	if err := p.update("b"); err != nil {
		t.Errorf("a write that the index does not see: %v", err)
	}
}

func TestRow08BatchLeavesAHotPartitionUnprocessed(t *testing.T) {
	p := newPlace(t)
	for _, id := range []string{"hot", "cold"} {
		if err := p.put(key(id)); err != nil {
			t.Fatal(err)
		}
	}
	p.Set(func(s *strictdynamo.Settings) { s.ReadUnits = 5 })
	for range 5 {
		p.get(t, "hot")
	}
	batch := func(keys ...item) (*dynamodb.BatchGetItemOutput, error) {
		return p.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
			*p.table: {Keys: keys, ConsistentRead: aws.Bool(true)},
		}})
	}
	out, err := batch(key("hot"), key("cold"))
	if err != nil {
		t.Fatal(err)
	}
	got := out.Responses[*p.table]
	if len(got) != 1 {
		t.Fatalf("answered %v, want one item", got)
	}
	if got[0]["pk"].(*types.AttributeValueMemberS).Value != "KEY#cold" {
		t.Errorf("answered %v, want KEY#cold", got[0]["pk"].(*types.AttributeValueMemberS).Value)
	}
	left := out.UnprocessedKeys[*p.table].Keys
	if len(left) != 1 {
		t.Fatalf("left %v, want one key", left)
	}
	if left[0]["pk"].(*types.AttributeValueMemberS).Value != "KEY#hot" {
		t.Errorf("left %v, want KEY#hot", left[0]["pk"].(*types.AttributeValueMemberS).Value)
	}
	if _, err := batch(key("hot")); throttledBy(err) == "" {
		t.Errorf("nothing but a hot partition: %v", err)
	}
}

func TestRow08ThrottlingComesAtASettableRate(t *testing.T) {
	p := newPlace(t)
	p.Set(func(s *strictdynamo.Settings) { s.ThrottleRate = 1 })
	if throttledBy(p.update("a")) == "" {
		t.Error("an update was let through")
	}
	if got := reasons(p.transact("", "a")); got != "ThrottlingError" {
		t.Errorf("a transaction: %s, want ThrottlingError", got)
	}
	p.Strict("8", false)
	if err := p.update("a"); err != nil {
		t.Errorf("with the row off: %v", err)
	}
}
