package strictdynamo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/tests/strictdynamo"
)

var ctx = context.Background()

type item = map[string]types.AttributeValue

// A place is a table in DynamoDB Local behind a proxy. Only wait moves the proxy's clock. Its
// client does not repeat a call that the proxy refused.
type place struct {
	*dynamodb.Client
	*strictdynamo.Proxy
	table *string
	later *atomic.Int64
}

func newPlace(t *testing.T) place {
	t.Helper()
	cfg, table, proxy := storetest.Proxied(t)
	cfg.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.Retryables = []retry.IsErrorRetryable{retry.RetryableConnectionError{}}
		})
	}
	began, later := time.Now(), &atomic.Int64{}
	proxy.SetClock(func() time.Time { return began.Add(time.Duration(later.Load())) })
	return place{dynamodb.NewFromConfig(cfg), proxy, &table, later}
}

func (p place) wait(d time.Duration) { p.later.Add(int64(d)) }

func s(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }

func key(id string) item { return item{"pk": s("KEY#" + id), "sk": s("KEY")} }

// owned makes an item that the index by_owner lists.
func owned(owner, id string) item {
	return item{"pk": s("KEY#" + id), "sk": s("KEY"), "by_owner_pk": s(owner), "by_owner_sk": s(id)}
}

func (p place) put(it item) error {
	_, err := p.PutItem(ctx, &dynamodb.PutItemInput{TableName: p.table, Item: it})
	return err
}

func (p place) delete(id string) error {
	_, err := p.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: p.table, Key: key(id)})
	return err
}

// touch makes an update that is possible on any item.
func (p place) touch(id string) *types.Update {
	return &types.Update{
		TableName: p.table, Key: key(id), UpdateExpression: aws.String("ADD touched :one"),
		ExpressionAttributeValues: item{":one": &types.AttributeValueMemberN{Value: "1"}},
	}
}

func (p place) update(id string) error {
	u := p.touch(id)
	_, err := p.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: u.TableName, Key: u.Key, UpdateExpression: u.UpdateExpression,
		ExpressionAttributeValues: u.ExpressionAttributeValues,
	})
	return err
}

// transact touches items in one transaction.
func (p place) transact(token string, ids ...string) error {
	in := &dynamodb.TransactWriteItemsInput{}
	if token != "" {
		in.ClientRequestToken = &token
	}
	for _, id := range ids {
		in.TransactItems = append(in.TransactItems, types.TransactWriteItem{Update: p.touch(id)})
	}
	_, err := p.TransactWriteItems(ctx, in)
	return err
}

func (p place) get(t *testing.T, id string) item {
	t.Helper()
	out, err := p.GetItem(ctx, &dynamodb.GetItemInput{TableName: p.table, Key: key(id), ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

// touched returns how often an item was touched.
func (p place) touched(t *testing.T, id string) string {
	t.Helper()
	n, _ := p.get(t, id)["touched"].(*types.AttributeValueMemberN)
	if n == nil {
		return "0"
	}
	return n.Value
}

// reasons returns the codes of a cancelled transaction, or "".
func reasons(err error) string {
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return ""
	}
	var codes []string
	for _, reason := range cancelled.CancellationReasons {
		codes = append(codes, *reason.Code)
	}
	return strings.Join(codes, " ")
}

func TestControlChangesWhatItNamesAndNothingElse(t *testing.T) {
	p := newPlace(t)
	server := httptest.NewServer(p.Proxy)
	defer server.Close()
	put := func(body string) int {
		r, err := http.NewRequest(http.MethodPut, server.URL+"/_strict", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		return res.StatusCode
	}
	before := p.Settings()
	if status := put(`{"rows":{"7":false},"lag_ms":250}`); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	if status := put(`{"rows":{"8":false}}`); status != http.StatusOK {
		t.Fatalf("status %d", status)
	}
	want := before
	want.LagMS, want.Rows = 250, map[string]bool{"7": false, "8": false}
	if got := p.Settings(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("settings are %+v, want %+v", got, want)
	}
	if status := put(`{"lag":250}`); status != http.StatusBadRequest {
		t.Errorf("a setting that does not exist: status %d", status)
	}
}

func TestOperationThatIsNotModelledIsRefused(t *testing.T) {
	p := newPlace(t)
	_, err := p.ExecuteStatement(ctx, &dynamodb.ExecuteStatementInput{Statement: aws.String(`SELECT * FROM "` + *p.table + `"`)})
	if err == nil || !strings.Contains(err.Error(), "ExecuteStatement is not modelled") {
		t.Errorf("ExecuteStatement: %v", err)
	}
}

func TestEmulatorWordsWhatIsWrongWithARequest(t *testing.T) {
	p := newPlace(t)
	query := func(index string) error {
		_, err := p.Query(ctx, &dynamodb.QueryInput{
			TableName: p.table, IndexName: &index, KeyConditionExpression: aws.String("pk = :pk"),
			ExpressionAttributeValues: item{":pk": s("x")},
		})
		return err
	}
	_, empty := p.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{}})
	elsewhere := p
	elsewhere.table = aws.String("no-such-table")
	for want, err := range map[string]error{
		"ResourceNotFoundException": elsewhere.put(key("a")),
		"required keys":             p.put(item{"sk": s("no partition key")}),
		"specified index":           query("no_such_index"),
		"greater than or equal to":  empty,
	} {
		if err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(want)) {
			t.Errorf("got %v, want %q in it", err, want)
		}
	}
}

func TestSignedRequestIsForwardedUnchanged(t *testing.T) {
	var got *http.Request
	var body []byte
	emulator := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, "{}")
	}))
	defer emulator.Close()
	proxy, err := strictdynamo.New(emulator.URL, aws.Config{})
	if err != nil {
		t.Fatal(err)
	}
	const text = `{ "Limit" : 1 }`
	r := httptest.NewRequest(http.MethodPost, "http://signed.example/", strings.NewReader(text))
	headers := map[string]string{
		"Authorization": "AWS4-HMAC-SHA256 Credential=x", "X-Amz-Date": "20260101T000000Z",
		"X-Amz-Target": "DynamoDB_20120810.ListTables", "X-Amz-Security-Token": "token",
		"Content-Type": "application/x-amz-json-1.0", "Accept-Encoding": "identity",
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	proxy.ServeHTTP(httptest.NewRecorder(), r)
	if got == nil {
		t.Fatal("the request did not arrive")
	}
	if got.Host != "signed.example" {
		t.Errorf("Host is %q", got.Host)
	}
	if string(body) != text {
		t.Errorf("body is %q", body)
	}
	for name, value := range headers {
		if got.Header.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, got.Header.Get(name), value)
		}
	}
}
