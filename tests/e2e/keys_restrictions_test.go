//go:build e2e

package e2e

import (
	"fmt"
	"maps"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestKeyIsRefusedFromAnAddressThatItDoesNotAllow(t *testing.T) {
	p := owner(t)
	own, network := ownAddress(t, p.token)
	for _, row := range []struct {
		nets []string
		want int
	}{
		{[]string{own.String()}, 200},
		{[]string{network.String()}, 200},
		{[]string{"2001:db8::/32", network.String()}, 200},
		{[]string{netip.AddrFrom16(own.As16()).String()}, 200}, // ::ffff:127.0.0.1
		{[]string{netip.PrefixFrom(netip.AddrFrom16(network.Addr().As16()), network.Bits()+128-own.BitLen()).String()}, 200},
		{[]string{"0.0.0.0/0", "::/0"}, 200},
		{[]string{"192.0.2.0/24"}, 403},
		{[]string{"2001:db8::1"}, 403},
		{[]string{"2001:db8::/32", "198.51.100.0/24"}, 403},
	} {
		got := get(t, newKey(t, p.token, object{"allowed_ips": row.nets}).Key, me)
		if got.status != row.want {
			t.Errorf("%v: %d %s, want %d", row.nets, got.status, got.body, row.want)
		} else if row.want == 403 && (got.problem(t).Code != "FORBIDDEN" || !strings.Contains(string(got.body), "from this address")) {
			t.Errorf("%v: %s, want FORBIDDEN because of the address", row.nets, got.body)
		}
	}
	for _, bad := range []any{[]string{"x"}, []string{"300.0.0.1"}, []string{"10.0.0.0/33"}, []string{"fe80::1%eth0"}, "127.0.0.1", []int{1}} {
		if got := createKey(t, p.token, object{"allowed_ips": bad}); got.status != 422 {
			t.Errorf("%v: %d %s, want 422", bad, got.status, got.body)
		}
	}
}

// ownAddress is where the deployment sees this suite call from, and a network around it.
func ownAddress(t testing.TB, token string) (netip.Addr, netip.Prefix) {
	t.Helper()
	for _, s := range sessionsOf(t, token) {
		if s.Current {
			address, err := netip.ParseAddr(s.Address)
			if err != nil {
				t.Fatal(err)
			}
			return address, netip.PrefixFrom(address, 8).Masked()
		}
	}
	t.Fatal("no session is the current one")
	return netip.Addr{}, netip.Prefix{}
}

func TestMetadataComesBackAsItWasSent(t *testing.T) {
	p := member(t)
	sent := map[string]string{"team": "blue", "ü": "✓"}
	made := decode[key](t, post(t, p.token, "/api/v1/auth/api-keys", object{"name": "x", "metadata": sent}).is(t, 201))
	if !maps.Equal(made.Metadata, sent) {
		t.Errorf("the answer has %v", made.Metadata)
	}
	if listed := keysOf(t, p.token, "").Keys[0].Metadata; !maps.Equal(listed, sent) {
		t.Errorf("the list has %v", listed)
	}
	for _, bad := range []any{object{"a": 1}, object{"": "x"}, object{"a": object{"b": "c"}}, []string{"a"}} {
		if got := createKey(t, p.token, object{"metadata": bad}); got.status != 422 {
			t.Errorf("%v: %d %s, want 422", bad, got.status, got.body)
		}
	}
}

func TestExpiryIsShownInISOAndHoldsToTheSecond(t *testing.T) {
	t.Parallel() // it waits most of its time
	p := member(t)
	at := time.Now().Add(3 * time.Second).Truncate(time.Second)
	k := newKey(t, p.token, object{"expires_at": at.In(time.FixedZone("", 2*60*60)).Format(time.RFC3339)})
	list := get(t, p.token, "/api/v1/auth/api-keys").is(t, 200).fields(t)["api_keys"].([]any)
	if shown := list[0].(object)["expires_at"]; shown != at.UTC().Format(time.RFC3339) {
		t.Errorf("the API shows %v, want %v", shown, at.UTC())
	}
	get(t, k.Key, me).is(t, 200)
	time.Sleep(time.Until(at.Add(time.Second)))
	get(t, k.Key, me).refused(t, 401, "API_KEY_EXPIRED")
	for _, bad := range []string{time.Now().Add(-time.Second).Format(time.RFC3339), "2020-01-01T00:00:00Z", "tomorrow", "2030-01-01", ""} {
		if got := createKey(t, p.token, object{"expires_at": bad}); got.status != 422 {
			t.Errorf("%s: %d %s, want 422", bad, got.status, got.body)
		}
	}
}

// DynamoDB's time to live takes nothing else.
func TestExpiryIsEpochSecondsInTheTable(t *testing.T) {
	needs(t, theTable)
	at := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	k := newKey(t, owner(t).token, object{"expires_at": at.Format(time.RFC3339)})
	out, err := dynamodb.NewFromConfig(awsConfig(t)).GetItem(t.Context(), &dynamodb.GetItemInput{
		TableName: aws.String(os.Getenv("TABLE_NAME")), Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "KEY#" + k.ID}, "sk": &types.AttributeValueMemberS{Value: "KEY"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := out.Item["expires_at"].(*types.AttributeValueMemberN); !ok || n.Value != fmt.Sprint(at.Unix()) {
		t.Errorf("the table has %v, want the number %d", out.Item["expires_at"], at.Unix())
	}
}
