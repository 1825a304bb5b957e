//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestKeyIsRefusedFromAnAddressThatItDoesNotAllow(t *testing.T) {
	member := runsMember(t)
	for nets, want := range map[string]int{
		`"127.0.0.1"`:                       200,
		`"127.0.0.0/8"`:                     200,
		`"2001:db8::/32","127.0.0.0/8"`:     200,
		`"::ffff:127.0.0.1"`:                200,
		`"::ffff:127.0.0.0/104"`:            200,
		`"0.0.0.0/0","::/0"`:                200,
		`"192.0.2.0/24"`:                    403,
		`"2001:db8::1"`:                     403,
		`"2001:db8::/32","198.51.100.0/24"`: 403,
	} {
		key, _ := member.key(`,"allowed_ips":[` + nets + `]`)
		got := key.do("GET", "/v1/auth/me", "")
		if got.status != want || want == 403 && got.body["error_code"] != "FORBIDDEN" {
			t.Errorf("[%s]: %d %s, want %d", nets, got.status, got.text, want)
		}
	}
	for _, bad := range []string{`["x"]`, `["300.0.0.1"]`, `["10.0.0.0/33"]`, `["fe80::1%eth0"]`, `"127.0.0.1"`, `[1]`} {
		if got := member.do("POST", "/v1/api-keys", `{"name":"x","allowed_ips":`+bad+`}`); got.status != 422 {
			t.Errorf("%s: %d %s, want 422", bad, got.status, got.text)
		}
	}
}

func TestMetadataComesBackAsItWasSent(t *testing.T) {
	member := runsMember(t)
	got := member.want(201, "POST", "/api/v1/auth/api-keys", `{"name":"x","metadata":{"team":"blue","ü":"✓"}}`)
	if fmt.Sprint(got.body["metadata"]) != "map[team:blue ü:✓]" {
		t.Errorf("got %s", got.text)
	}
	list := member.want(200, "GET", "/api/v1/auth/api-keys", "").body["api_keys"].([]any)
	if fmt.Sprint(list[0].(map[string]any)["metadata"]) != "map[team:blue ü:✓]" {
		t.Errorf("the list says %v", list[0])
	}
	for _, bad := range []string{`{"a":1}`, `{"":"x"}`, `{"a":{"b":"c"}}`, `["a"]`} {
		if got := member.do("POST", "/v1/api-keys", `{"name":"x","metadata":`+bad+`}`); got.status != 422 {
			t.Errorf("%s: %d %s, want 422", bad, got.status, got.text)
		}
	}
}

func TestExpiryIsISOInTheAPIAndEpochSecondsInTheTable(t *testing.T) {
	member := runsMember(t)
	at := time.Now().Add(3 * time.Second).Truncate(time.Second)
	body := fmt.Sprintf(`,"expires_at":%q`, at.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339))
	key, id := member.key(body)
	list := member.want(200, "GET", "/api/v1/auth/api-keys", "").body["api_keys"].([]any)
	if shown := list[0].(map[string]any)["expires_at"]; shown != at.UTC().Format(time.RFC3339) {
		t.Errorf("the API says %v, want %v", shown, at.UTC())
	}
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	table := os.Getenv("TABLE_NAME")
	out, err := dynamodb.NewFromConfig(cfg).GetItem(context.Background(), &dynamodb.GetItemInput{
		TableName: &table, Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "KEY#" + id}, "sk": &types.AttributeValueMemberS{Value: "KEY"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := out.Item["expires_at"].(*types.AttributeValueMemberN); !ok || n.Value != fmt.Sprint(at.Unix()) {
		t.Errorf("the table says %v, want the number %d", out.Item["expires_at"], at.Unix())
	}
	key.want(200, "GET", "/v1/auth/me", "")
	time.Sleep(time.Until(at.Add(time.Second)))
	if got := key.want(401, "GET", "/v1/auth/me", ""); got.body["error_code"] != "API_KEY_EXPIRED" {
		t.Errorf("after its expiry: %s", got.text)
	}
	for _, bad := range []string{time.Now().Add(-time.Second).Format(time.RFC3339), "2020-01-01T00:00:00Z", "tomorrow", "2030-01-01", ""} {
		if got := member.do("POST", "/v1/api-keys", fmt.Sprintf(`{"name":"x","expires_at":%q}`, bad)); got.status != 422 {
			t.Errorf("%s: %d %s, want 422", bad, got.status, got.text)
		}
	}
}
