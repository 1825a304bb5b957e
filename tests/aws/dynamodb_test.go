//go:build e2e

package aws

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/awsenv"
)

// A database is DynamoDB as functions reach it, with a table of the test's own and a client
// that repeats nothing.
type database struct {
	*dynamodb.Client
	table *string
}

type item = map[string]types.AttributeValue

func newDatabase(t testing.TB) database {
	t.Helper()
	var at struct{ Dynamodb string }
	control(t, "/_latchkey/strict", nil, &at)
	cfg := awsenv.Config("DYNAMODB")
	cfg.BaseEndpoint, cfg.RetryMaxAttempts = &at.Dynamodb, 1
	db := database{dynamodb.NewFromConfig(cfg), aws.String("row-" + rand.Text())}
	_, err := db.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: db.table, BillingMode: types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: db.table}); err != nil {
			t.Errorf("deleting the test's table: %v", err)
		}
	})
	return db
}

func itemOf(id string) item { return item{"id": &types.AttributeValueMemberS{Value: id}} }

func (db database) put(t testing.TB, id string) error {
	_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: db.table, Item: itemOf(id)})
	return err
}

func (db database) transact(t testing.TB, ids ...string) error {
	in := &dynamodb.TransactWriteItemsInput{}
	for _, id := range ids {
		in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Put: &types.Put{TableName: db.table, Item: itemOf(id)}})
	}
	_, err := db.TransactWriteItems(t.Context(), in)
	return err
}

// strictness changes settings of the proxy before DynamoDB (Settings in tests/strictdynamo)
// for the length of a test.
func strictness(t testing.TB, change map[string]any) {
	t.Helper()
	var before map[string]any
	control(t, "/_latchkey/dynamodb", nil, &before)
	delete(before, "rows") // which are on or off is not this test's to say
	control(t, "/_latchkey/dynamodb", change, nil)
	t.Cleanup(func() { control(t, "/_latchkey/dynamodb", before, nil) })
}

// control calls the emulator's own endpoints: local/strict/control.py.
func control(t testing.TB, path string, body, out any) {
	t.Helper()
	r := request{method: http.MethodGet, url: os.Getenv("AWS_ENDPOINT_URL") + path}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r.method, r.body = http.MethodPost, string(text)
	}
	a := send(t, r).is(t, 200)
	if out != nil {
		a.json(t, out)
	}
}

func (a answer) json(t testing.TB, out any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), out); err != nil {
		t.Fatalf("%s: %v\n%s", a.asked, err, a.body)
	}
}
