//go:build e2e

// Package served calls tests/guarded/shop as `make local` serves it, in Docker or on the emulator.
package served

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/latchkey/latchkey/clients/latchkeytest"
)

const shop = "../shop/template.yaml" // where it is not named by the environment

// The statuses that a REST API answers with; an HTTP API has no 401 for a bad credential.
const (
	open    = 200
	refused = 401
	closed  = 403
)

func TestEachCredentialGetsWhatAPIGatewayWouldAnswer(t *testing.T) {
	stack := latchkeytest.Start(t, shop)
	credentials := []struct {
		name, value   string
		read, write   int
		outsideScopes int
	}{
		{"no credential", "", refused, refused, refused},
		{"a scoped key", stack.Key, open, open, closed},
		{"a secret key", stack.SecretKey, open, open, closed},
		{"a client key", stack.ClientKey, closed, closed, closed},
		{"a read-only key", stack.ReadOnlyKey, open, closed, closed},
		{"an expired key", stack.ExpiredKey, refused, refused, refused},
		{"a revoked key", stack.RevokedKey, refused, refused, refused},
		{"a user's token", stack.UserToken, open, open, closed},
		{"an expired token", stack.ExpiredToken, refused, refused, refused},
		{"an administrator's token", stack.AdminToken, open, open, open},
		{"nonsense", "nonsense", refused, refused, refused},
	}
	for _, c := range credentials {
		t.Run(c.name, func(t *testing.T) {
			is(t, stack, http.MethodGet, stack.URLs["Campaigns"]+"/api/campaigns", c.value, c.read)
			is(t, stack, http.MethodPost, stack.URLs["Campaigns"]+"/api/campaigns", c.value, c.write)
			is(t, stack, http.MethodGet, stack.URLs["Campaigns"]+"/api/campaigns/one", c.value, c.read)
			is(t, stack, http.MethodGet, stack.URLs["Campaigns"]+"/api/nobodys", c.value, c.outsideScopes)
			is(t, stack, http.MethodGet, stack.URLs["Stats"]+"/api/stats", c.value, c.read)              // the authorizer is of type TOKEN
			is(t, stack, http.MethodPost, stack.URLs["Stats"]+"/api/stats", c.value, c.outsideScopes)    // there is no write:stats
			is(t, stack, http.MethodGet, stack.URLs["Offers"]+"/api/offers", c.value, forbidden(c.read)) // an HTTP API
			is(t, stack, http.MethodPost, stack.URLs["Offers"]+"/api/offers", c.value, forbidden(c.write))
			is(t, stack, http.MethodGet, stack.URLs["Campaigns"]+"/open", c.value, open) // has no authorizer
		})
	}
}

func TestAPathThatThePolicyDeniesIsClosed(t *testing.T) {
	stack := latchkeytest.Start(t, shop)
	is(t, stack, http.MethodGet, stack.URLs["Campaigns"]+"/api/campaigns/%2e%2e", stack.Key, closed)
}

func TestARefusalIsWordedByTheTemplatesGatewayResponses(t *testing.T) {
	stack := latchkeytest.Start(t, shop)
	res, body := get(t, stack, http.MethodGet, stack.URLs["Campaigns"]+"/api/campaigns", stack.RevokedKey)
	if got := res.Header.Get("WWW-Authenticate"); got != `Bearer realm="shop"` {
		t.Errorf("the challenge is %q", got)
	}
	if body != `{"problem":"Unauthorized"}` {
		t.Errorf("the body is %s", body)
	}
	_, body = get(t, stack, http.MethodPost, stack.URLs["Campaigns"]+"/api/campaigns", stack.ReadOnlyKey)
	if !strings.HasPrefix(body, `{"Message":"User is not authorized to access this resource`) {
		t.Errorf("a 403 without words of its own is %s", body)
	}
	_, body = get(t, stack, http.MethodGet, stack.URLs["Offers"]+"/api/offers", "")
	if strings.ReplaceAll(body, " ", "") != `{"message":"Forbidden"}` {
		t.Errorf("an HTTP API says %s", body)
	}
}

func TestEachFunctionLearnsWhoCalls(t *testing.T) {
	stack := latchkeytest.Start(t, shop)
	for api, path := range map[string]string{"Campaigns": "/api/campaigns", "Stats": "/api/stats", "Offers": "/api/offers"} {
		_, body := get(t, stack, http.MethodGet, stack.URLs[api]+path, stack.UserToken)
		var said struct {
			Caller      struct{ Email, Type string }
			Path, Table string
		}
		if err := json.Unmarshal([]byte(body), &said); err != nil {
			t.Fatalf("%s: %v: %s", api, err, body)
		}
		if said.Caller.Email != stack.UserEmail || said.Caller.Type != "user" {
			t.Errorf("%s: the caller is %+v", api, said.Caller)
		}
		if said.Path != path {
			t.Errorf("%s: the path is %q, want %q: the API is at the root of its address", api, said.Path, path)
		}
		if said.Table != "shop" {
			t.Errorf("%s: TABLE_NAME is %q: the shell's replaced the template's", api, said.Table)
		}
	}
}

func TestAKeysOwnLimitHolds(t *testing.T) {
	stack := latchkeytest.Start(t, shop)
	res, err := stack.As(stack.UserToken).Post(stack.Latchkey+"/v1/api-keys", "application/json",
		strings.NewReader(`{"name": "slow", "rate_limit": {"read": 1}}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var made struct{ Key string }
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || made.Key == "" {
		t.Fatalf("making a key with a limit: %d %v", res.StatusCode, err)
	}
	statuses := map[int]int{}
	for range 4 { // the window may end once in between
		res, _ := get(t, stack, http.MethodGet, stack.URLs["Campaigns"]+"/api/campaigns", made.Key)
		statuses[res.StatusCode]++
	}
	if statuses[closed] < 2 || statuses[open] == 0 {
		t.Errorf("a key with one request a minute got %v", statuses)
	}
}

func TestTheEnvFileSaysWhoseTokensTheyAre(t *testing.T) {
	stack := latchkeytest.Start(t, shop)
	res, body := get(t, stack, http.MethodGet, stack.Latchkey+"/.well-known/oauth-authorization-server", "")
	var said struct{ Issuer string }
	if err := json.Unmarshal([]byte(body), &said); err != nil {
		t.Fatal(res.StatusCode, err)
	}
	if said.Issuer != stack.Issuer || stack.Issuer == "" {
		t.Errorf("the env file has the issuer %q, and Latchkey says %q", stack.Issuer, said.Issuer)
	}
	if stack.Audience != "latchkey" {
		t.Errorf("the audience is %q", stack.Audience)
	}
}

func TestTheEnvFileIsForItsOwnerOnly(t *testing.T) {
	info, err := os.Stat(os.Getenv("LATCHKEY_ENV_FILE"))
	if err != nil {
		t.Fatal(err)
	}
	if mode := info.Mode().Perm(); mode != 0o600 {
		t.Errorf("its mode is %o", mode)
	}
}

// forbidden is what an HTTP API makes of a status.
func forbidden(status int) int {
	if status == refused {
		return closed
	}
	return status
}

func is(t *testing.T, stack *latchkeytest.Stack, method, url, credential string, want int) {
	t.Helper()
	if res, body := get(t, stack, method, url, credential); res.StatusCode != want {
		t.Errorf("%s %s: %d %s, want %d", method, url, res.StatusCode, body, want)
	}
}

func get(t *testing.T, stack *latchkeytest.Stack, method, url, credential string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := stack.As(credential).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}
