//go:build e2e

package aws

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/tests/expect"
)

// The policies of what checks credentials are needed whole: a limit is counted by
// UpdateItem, and where the deployment has none, GetItem reads.
func TestCredentialsAreCheckedWithAndWithoutLimits(t *testing.T) {
	admin := administrator(t)
	check := func(t *testing.T) {
		var customer struct{ ID string }
		admin.call(t, http.MethodPost, "/v1/customers", map[string]any{"external_id": rand.Text()}).is(t, 201).json(t, &customer)
		k := admin.newKey(t, map[string]any{"scopes": []string{"read:campaigns", "read:stats"}, "customer_id": customer.ID})
		for kind, credential := range map[string]caller{"token": admin, "key": caller(k.Key)} {
			credential.call(t, http.MethodGet, "/v1/auth/me", nil).is(t, 200)
			send(t, get("/api/campaigns").with("X-Api-Key", string(credential))).is(t, 200)
			a := send(t, get("/api/stats").with("Authorization", "Bearer "+string(credential))).is(t, 200)
			caller := a.event(t).RequestContext.Authorizer
			expect.Same(t, "that a "+kind+" in function mode has no principal", caller.Principal == "", false)
			expect.Same(t, "the refusal of a "+kind+" in function mode", caller.Refusal, "")
		}
		a := send(t, get("/api/stats").with("X-Api-Key", apikey.New("gf_", k.ID))).is(t, 200) // a guess, which is counted
		expect.Same(t, "the refusal of a guessed key in function mode", a.event(t).RequestContext.Authorizer.Refusal, "API_KEY_INVALID")
		form := url.Values{"grant_type": {"client_credentials"}, "client_id": {k.ID}, "client_secret": {k.Key}}
		send(t, request{method: http.MethodPost, url: os.Getenv("API_URL") + "/oauth/token", body: form.Encode(),
			header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}).is(t, 200)
	}
	t.Run("limited", check)
	for _, name := range functions(t) {
		if strings.HasPrefix(name, "latchkey-") && (strings.Contains(name, "AuthorizerFunction-") || strings.Contains(name, "-OauthTokenFunction-")) {
			withoutLimits(t, name)
		}
	}
	t.Run("unlimited", check)
}

// withoutLimits changes a function's settings until the test is over.
func withoutLimits(t testing.TB, function string) {
	t.Helper()
	path := "/2015-03-31/functions/" + function + "/configuration"
	var was struct {
		Environment struct{ Variables map[string]string }
	}
	awsCall{"lambda", http.MethodGet, path, ""}.is(t, 200).json(t, &was)
	limits := []string{"RATE_LIMIT_AUTH", "RATE_LIMIT_ACCOUNT", "RATE_LIMIT_MANAGEMENT", "RATE_LIMIT_READ", "RATE_LIMIT_WRITE"}
	set := func(limited bool) {
		variables := map[string]string{}
		for name, value := range was.Environment.Variables {
			if !limited && slices.Contains(limits, name) {
				value = "0"
			}
			variables[name] = value
		}
		body, err := json.Marshal(map[string]any{"Environment": map[string]any{"Variables": variables}})
		if err != nil {
			t.Fatal(err)
		}
		awsCall{"lambda", http.MethodPut, path, string(body)}.is(t, 200)
	}
	t.Cleanup(func() { set(true) })
	set(false)
}
