package strictdynamo_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/tests/strictdynamo"
)

// list reads an owner's entries in the index in pages, newest first: "c b|a" means two pages.
func (p place) list(t *testing.T, limit int32) string {
	t.Helper()
	var pages []string
	var start item
	for {
		in := &dynamodb.QueryInput{
			TableName: p.table, IndexName: aws.String("by_owner"), ExclusiveStartKey: start,
			KeyConditionExpression:    aws.String("by_owner_pk = :owner"),
			ExpressionAttributeValues: item{":owner": s("usr_A")}, ScanIndexForward: aws.Bool(false),
		}
		if limit > 0 {
			in.Limit = &limit
		}
		out, err := p.Query(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		if limit > 0 && len(out.Items) > int(limit) {
			t.Errorf("a page of %d items has %d", limit, len(out.Items))
		}
		if int(out.Count) != len(out.Items) {
			t.Errorf("a page with %d items counts %d", len(out.Items), out.Count)
		}
		var ids []string
		for _, it := range out.Items {
			ids = append(ids, it["by_owner_sk"].(*types.AttributeValueMemberS).Value)
		}
		pages = append(pages, strings.Join(ids, " "))
		if start = out.LastEvaluatedKey; start == nil {
			return strings.Trim(strings.Join(pages, "|"), "|")
		}
	}
}

func TestRow10IndexShowsWhatIsNewLater(t *testing.T) {
	p := newPlace(t)
	if err := p.put(owned("usr_A", "a")); err != nil {
		t.Fatal(err)
	}
	if got := p.list(t, 0); got != "" {
		t.Errorf("at once: %q", got)
	}
	if p.get(t, "a") == nil {
		t.Error("the table lags too")
	}
	p.wait(strictdynamo.Lag)
	if got := p.list(t, 0); got != "a" {
		t.Errorf("later: %q", got)
	}
	p.Strict("10", false)
	if err := p.put(owned("usr_A", "b")); err != nil {
		t.Fatal(err)
	}
	if got := p.list(t, 0); got != "b a" {
		t.Errorf("with the row off, at once: %q", got)
	}
}

func TestRow10IndexForgetsWhatIsGoneLater(t *testing.T) {
	p := newPlace(t)
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		if err := p.put(owned("usr_A", id)); err != nil {
			t.Fatal(err)
		}
	}
	p.wait(strictdynamo.Lag)
	for _, id := range []string{"b", "d"} {
		if err := p.delete(id); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.put(owned("usr_A", "f")); err != nil {
		t.Fatal(err)
	}
	if got := p.list(t, 0); got != "e d c b a" {
		t.Errorf("at once: %q", got)
	}
	if got := strings.Split(strings.ReplaceAll(p.list(t, 2), "|", " "), " "); !slices.Equal(got, strings.Split("e d c b a", " ")) {
		t.Errorf("at once, in pages of two: %q", got)
	}
	p.Strict("10", false)
	if got := p.list(t, 0); got != "f e c a" {
		t.Errorf("with the row off: %q", got)
	}
	p.Strict("10", true)
	p.wait(strictdynamo.Lag)
	if got := p.list(t, 0); got != "f e c a" {
		t.Errorf("later: %q", got)
	}
}

func TestRow10ItemThatChangesItsOwnerMovesLater(t *testing.T) {
	p := newPlace(t)
	if err := p.put(owned("usr_B", "a")); err != nil {
		t.Fatal(err)
	}
	p.wait(strictdynamo.Lag)
	_, err := p.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{Update: &types.Update{
		TableName: p.table, Key: key("a"), UpdateExpression: aws.String("SET #owner = :new"),
		ExpressionAttributeNames:  map[string]string{"#owner": "by_owner_pk"},
		ExpressionAttributeValues: item{":new": s("usr_A")},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.list(t, 0); got != "" {
		t.Errorf("at once: %q", got)
	}
	p.wait(strictdynamo.Lag)
	if got := p.list(t, 0); got != "a" {
		t.Errorf("later: %q", got)
	}
}
