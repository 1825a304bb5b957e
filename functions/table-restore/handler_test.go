package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestEveryPageOfTheRestoredTableIsRead(t *testing.T) {
	cfg, table := storetest.Table(t)
	_, from := storetest.Table(t)
	db := dynamodb.NewFromConfig(cfg)
	const all = 101 // two pages
	for i := range all {
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &from, Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: fmt.Sprintf("PROJECT#%d", i)}, "sk": &types.AttributeValueMemberS{Value: "PROJECT"},
		}}); err != nil {
			t.Fatal(err)
		}
	}
	h := handler{store.New(cfg, table), time.Hour}
	answer, err := h.serve(t.Context(), Request{From: from, At: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "copied", answer.Copied["PROJECT"]+answer.There["PROJECT"], all) // there is one whose first answer was lost
	expect.Same(t, "there is more", answer.Next == nil, true)
	count, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table, Select: types.SelectCount, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "in the table", int(count.Count), all)
}

func TestRestoreMustSayFromWhereAndFromWhen(t *testing.T) {
	h := handler{storetest.New(t), time.Hour}
	for _, r := range []Request{{}, {From: "latchkey-restored"}, {At: time.Now()}, {From: "latchkey-restored", At: time.Now().Add(time.Hour)}} {
		if _, err := h.serve(t.Context(), r); err == nil {
			t.Errorf("%+v is taken", r)
		}
	}
}
