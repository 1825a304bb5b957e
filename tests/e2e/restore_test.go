//go:build e2e

package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/tests/expect"
)

// A restored table is a copy of some items of the deployment's, which stands for one that DynamoDB
// restored from a point in time: the local emulator copies a table as it is now.
type restoredTable struct {
	t    testing.TB
	db   *dynamodb.Client
	name string
	at   time.Time
	gone string // the key of an item that says that somebody was deleted
}

// copyOf makes a restored table with the items that have one of the texts in their keys.
func copyOf(t testing.TB, texts ...string) restoredTable {
	t.Helper()
	needs(t, theTable)
	stack, _, _ := strings.Cut(os.Getenv("TABLE_NAME"), "-Table-")
	r := restoredTable{t, dynamodb.NewFromConfig(awsConfig(t)), stack + "-restored-" + rand.Text(), time.Time{}, ""}
	text := func(name string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}
	}
	pk, sk := "pk", "sk"
	_, err := r.db.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: &r.name, BillingMode: types.BillingModePayPerRequest, AttributeDefinitions: []types.AttributeDefinition{text(pk), text(sk)},
		KeySchema: []types.KeySchemaElement{{AttributeName: &pk, KeyType: types.KeyTypeHash}, {AttributeName: &sk, KeyType: types.KeyTypeRange}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := r.db.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &r.name}); err != nil {
			t.Error(err)
		}
	})
	has := map[string]bool{"COUNTED": false, "USAGE": false} // what was counted: one item of each is enough
	r.each(func(it map[string]types.AttributeValue, key string) {
		kind, _, _ := strings.Cut(key, "#")
		had, counts := has[kind]
		gone := kind == "GONE" && r.gone == ""
		if (!counts || had) && !gone && !containsAny(key, texts) {
			return
		}
		has[kind] = true
		if gone {
			r.gone = key
		}
		if _, err := r.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &r.name, Item: it}); err != nil {
			t.Fatal(err)
		}
	})
	r.at = time.Now()
	time.Sleep(20 * time.Millisecond)
	return r
}

func containsAny(key string, texts []string) bool {
	for _, text := range texts {
		if strings.Contains(key, text) {
			return true
		}
	}
	return false
}

// each calls f with every item of the deployment's table, and its key.
func (r restoredTable) each(f func(it map[string]types.AttributeValue, key string)) {
	r.t.Helper()
	table := os.Getenv("TABLE_NAME")
	pages := dynamodb.NewScanPaginator(r.db, &dynamodb.ScanInput{TableName: &table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(r.t.Context())
		if err != nil {
			r.t.Fatal(err)
		}
		for _, it := range page.Items {
			f(it, it["pk"].(*types.AttributeValueMemberS).Value+" "+it["sk"].(*types.AttributeValueMemberS).Value)
		}
	}
}

// lose deletes the items with one of these keys from the deployment's table.
func (r restoredTable) lose(keys ...string) {
	r.t.Helper()
	table := os.Getenv("TABLE_NAME")
	r.each(func(it map[string]types.AttributeValue, key string) {
		for _, lost := range keys {
			if key != lost {
				continue
			}
			_, err := r.db.DeleteItem(r.t.Context(), &dynamodb.DeleteItemInput{
				TableName: &table, Key: map[string]types.AttributeValue{"pk": it["pk"], "sk": it["sk"]},
			})
			if err != nil {
				r.t.Fatal(err)
			}
		}
	})
}

// docs/restore.md has the commands.
func TestWhatWasLostComesBackFromARestoredTableAndNothingThatWasEnded(t *testing.T) {
	needs(t, theLambda)
	p := member(t)
	lost, revoked, deleted := newKey(t, p.token, nil), newKey(t, p.token, nil), newKey(t, p.token, nil)
	send(t, request{method: "DELETE", path: "/v1/users/" + register(t).ID, as: admin(t).token}).is(t, 204)
	run := post(t, lost.Key, "/v1/runs", object{}).is(t, 201).text(t, "id")
	awaitUses(t, p.token, lost.ID, uses{"POST /v1/runs": {1, 0}})
	restored := copyOf(t, p.ID, strings.TrimPrefix(p.ID, "usr_"), p.Email, lost.ID, revoked.ID, deleted.ID, run)

	revoke(t, p.token, revoked.ID)
	send(t, request{method: "DELETE", path: "/v1/api-keys/" + deleted.ID, as: p.token}).is(t, 200)
	restored.lose("KEY#"+lost.ID+" KEY", "KEY#"+revoked.ID+" KEY", "USER#"+p.ID+" USER", "EMAIL#"+p.Email+" USER", "RUN#"+run+" RUN", restored.gone)
	get(t, lost.Key, me).refused(t, 401, "API_KEY_INVALID")
	post(t, "", "/v1/auth/login", object{"email": p.Email, "password": p.password}).refused(t, 401, "INVALID_CREDENTIALS")

	answer, failed := callFunction(t, "TableRestoreFunction", object{"from": restored.name, "at": restored.at.UTC().Format(time.RFC3339Nano)})
	var done struct {
		Copied  map[string]int
		Revoked []string
	}
	if err := json.Unmarshal(answer, &done); failed || err != nil {
		t.Fatalf("%s", answer)
	}
	for kind, want := range map[string]int{"KEY": 2, "USER": 1, "EMAIL": 1, "RUN": 1, "GONE": 1, "PROJECT": 0, "USES": 0} {
		expect.Same(t, kind+" copied", done.Copied[kind], want)
	}
	expect.Same(t, "copied as revoked", strings.Join(done.Revoked, " "), revoked.ID)
	get(t, lost.Key, "/v1/runs/"+run).is(t, 200)
	logIn(t, p.Email, p.password)
	get(t, revoked.Key, me).refused(t, 401, "API_KEY_REVOKED")
	get(t, deleted.Key, me).refused(t, 401, "API_KEY_INVALID")
}
