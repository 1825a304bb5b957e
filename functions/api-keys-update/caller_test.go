package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/tests/expect"
)

// TestNoCredentialMakesAKeyMoreThanItIsItself has keys with some bound change others: what makes a key
// more than it was must be within the caller, and whatever makes it less is allowed.
func TestNoCredentialMakesAKeyMoreThanItIsItself(t *testing.T) {
	w := newWorld(t)
	at := func(d time.Duration) string { return w.now.Add(d).Format(time.RFC3339) }
	soon, later := w.now.Add(time.Minute).Unix(), w.now.Add(time.Hour).Unix()
	const inner, outer = `{"allowed_ips":["192.0.2.7"]}`, `{"allowed_ips":["192.0.0.0/16"]}`
	callers := map[string]func(*apikey.Key){
		"plain":  func(*apikey.Key) {},
		"ends":   func(k *apikey.Key) { k.ExpiresAt = soon },
		"bound":  func(k *apikey.Key) { k.AllowedIPs = []string{"192.0.2.0/24"} },
		"slow":   func(k *apikey.Key) { k.Read = 10 },
		"grace":  func(k *apikey.Key) { k.Generation, k.PrevHash, k.PrevUntil = 2, "1:old", soon },
		"narrow": func(k *apikey.Key) { k.Scopes = []string{"admin", "read:stats"} },
	}
	targets := map[string]func(*apikey.Key){
		"plain":   func(*apikey.Key) {},
		"less":    func(k *apikey.Key) { k.ExpiresAt, k.AllowedIPs, k.Read = soon-30, []string{"192.0.2.8/32"}, 5 },
		"enabled": func(*apikey.Key) {},
		"off":     func(k *apikey.Key) { k.DisabledAt = &w.now },
		"off, less": func(k *apikey.Key) {
			k.DisabledAt, k.ExpiresAt, k.AllowedIPs, k.Read, k.Scopes = &w.now, soon-30, []string{"192.0.2.8/32"}, 5, []string{"read:stats"}
		},
	}
	later30 := fmt.Sprintf(`{"expires_at":%q}`, at(30*time.Second+29*time.Second))
	for _, row := range []struct{ caller, target, body, want string }{
		{"ends", "plain", `{"label":"x","metadata":{"a":"z"}}`, "200"},
		{"ends", "plain", `{"disabled":true}`, "200"},
		{"ends", "plain", fmt.Sprintf(`{"expires_at":%q}`, at(2*time.Hour)), "200"}, // it lived for ever
		{"ends", "less", later30, "200"},
		{"ends", "less", fmt.Sprintf(`{"expires_at":%q}`, at(2*time.Hour)), "422 expires_at"},
		{"ends", "less", `{"expires_at":null}`, "422 expires_at"},
		{"plain", "less", `{"expires_at":null}`, "200"},
		{"grace", "less", fmt.Sprintf(`{"expires_at":%q}`, at(2*time.Hour)), "422 expires_at"},
		{"bound", "less", inner, "200"},
		{"bound", "less", outer, "422 allowed_ips"},
		{"bound", "less", `{"allowed_ips":null}`, "422 allowed_ips"},
		{"bound", "plain", outer, "200"},
		{"plain", "less", outer, "200"},
		{"slow", "less", `{"rate_limit":{"read":10}}`, "200"},
		{"slow", "less", `{"rate_limit":{"read":11}}`, "422 rate_limit"},
		{"slow", "less", `{"rate_limit":{"read":null}}`, "422 rate_limit"},
		{"slow", "less", `{"rate_limit":{"read":4}}`, "200"},
		{"plain", "less", `{"rate_limit":{"read":100}}`, "200"},
		{"plain", "less", `{"rate_limit":{"read":101}}`, "422 rate_limit"}, // the deployment's
		{"narrow", "plain", `{"scopes":["read:stats"]}`, "200"},
		{"narrow", "plain", `{"scopes":["read:stats","read:offers","write:offers"]}`, "403 INSUFFICIENT_SCOPE"},
		{"narrow", "plain", `{"scopes":["read:stats","read:offers"]}`, "200"},
		{"narrow", "off", `{"disabled":false}`, "403 FORBIDDEN"},
		{"ends", "off", `{"disabled":false}`, "403 FORBIDDEN"},
		{"bound", "off", `{"disabled":false}`, "403 FORBIDDEN"},
		{"plain", "off", `{"disabled":false}`, "200"},
		{"ends", "off, less", `{"disabled":false}`, "200"},
		{"narrow", "off, less", `{"disabled":false}`, "200"},
		{"narrow", "off", `{"disabled":false,"scopes":["read:stats"]}`, "200"},
		{"narrow", "off", `{"label":"x","disabled":true}`, "200"},
	} {
		caller := w.key(func(k *apikey.Key) { k.Scopes = scope.Default().All(); callers[row.caller](k) })
		target := w.key(targets[row.target])
		for _, kind := range []gateway.PrincipalType{gateway.Key, gateway.Client} {
			as := gatewaytest.Key(caller.ID, "scoped", "usr_A", "prj_A", strings.Join(caller.Scopes, " "))
			as[gateway.CtxExpires] = fmt.Sprint(caller.Until(1))
			want := row.want
			if kind == gateway.Client {
				as[gateway.CtxType], as[gateway.CtxToken], as[gateway.CtxExpires] = string(gateway.Client), "JTI", fmt.Sprint(later)
				if strings.Contains(row.body, `"expires_at":null`) || strings.Contains(row.body, `"disabled":false`) && row.target == "off" {
					want = "refused" // the token ends before the key would
				}
			}
			before := w.read(target.ID)
			a := w.patch(as, target.ID, row.body)
			name := fmt.Sprintf("%s as a %s: %s to a key that is %s", row.caller, kind, row.body, row.target)
			got := fmt.Sprint(a.Status)
			switch fields, _ := a.JSON(t)["fields"].([]any); {
			case len(fields) > 0:
				got += " " + fmt.Sprint(fields[0].(map[string]any)["field"])
			case a.Status != 200:
				got += " " + a.Code(t)
			}
			if want == "refused" && a.Status/100 == 4 {
				got = want
			}
			expect.Same(t, name, got, want)
			if a.Status != 200 {
				expect.Same(t, name+": the key", fmt.Sprintf("%+v", w.read(target.ID)), fmt.Sprintf("%+v", before))
			} else {
				target = w.key(targets[row.target])
			}
		}
	}
}

func TestKeyMakesItselfLessAndNeverMore(t *testing.T) {
	w := newWorld(t)
	bounds := func(k *apikey.Key) {
		k.Scopes = []string{"admin", "read:stats"}
		k.ExpiresAt, k.AllowedIPs, k.Read = w.now.Unix()+600, []string{"192.0.2.0/24"}, 10
	}
	for body, want := range map[string]int{
		`{"expires_at":null}`: 422, `{"allowed_ips":null}`: 422, `{"rate_limit":null}`: 422, `{"rate_limit":{"read":11}}`: 422,
		`{"scopes":["admin"]}`:      403, // the word stands for all scopes
		`{"scopes":["read:stats"]}`: 200, `{"allowed_ips":["192.0.2.7"]}`: 200, `{"rate_limit":{"read":9}}`: 200, `{"disabled":true}`: 200,
	} {
		k := w.key(bounds)
		as := gatewaytest.Key(k.ID, "scoped", "usr_A", "prj_A", strings.Join(k.Scopes, " "))
		expect.Same(t, body, w.patch(as, k.ID, body).Status, want)
	}
	off := w.key(func(k *apikey.Key) { bounds(k); k.DisabledAt = &w.now })
	as := gatewaytest.Key(off.ID, "scoped", "usr_A", "prj_A", "admin read:stats") // of an authorizer's cache
	a := w.patch(as, off.ID, `{"disabled":false}`)
	expect.Same(t, "it enables itself", fmt.Sprint(a.Status, " ", a.Code(t)), "401 API_KEY_DISABLED")
}

func TestUserGrantsNoScopeThatTheyDoNotHoldAndNoLimitAboveTheDeployments(t *testing.T) {
	w := newWorld(t)
	owned := func(k *apikey.Key) { k.Scopes, k.Read = []string{"admin", "read:stats"}, 5000 }
	for _, row := range []struct {
		as   map[string]any
		body string
		want string
	}{
		{member(), `{"scopes":["read:stats","write:domains"]}`, "403 INSUFFICIENT_SCOPE"},
		{member(), `{"scopes":["read:stats"],"rate_limit":{"read":4000}}`, "200 "}, // less than it has
		{member(), `{"rate_limit":{"read":5001}}`, "403 FORBIDDEN"},
		{member(), `{"rate_limit":{"write":101}}`, "403 FORBIDDEN"},
		{member(), `{"rate_limit":{"write":100}}`, "200 "},
		{admin(), `{"rate_limit":{"write":101}}`, "200 "},
	} {
		a := w.patch(row.as, w.key(owned).ID, row.body)
		code, _ := a.JSON(t)["error_code"].(string)
		expect.Same(t, row.body, fmt.Sprint(a.Status, " ", code), row.want)
	}
	for kind, body := range map[apikey.Type]string{
		apikey.Client: `{"scopes":["read:events"]}`, apikey.ReadOnly: `{"scopes":["write:offers"]}`, apikey.Secret: `{"scopes":["admin"]}`,
	} {
		k := w.key(func(k *apikey.Key) { k.Type, k.Scopes = kind, kind.Ceiling(scope.Default()) })
		expect.Same(t, string(kind)+": status", w.patch(admin(), k.ID, body).Status, 422)
	}
}
