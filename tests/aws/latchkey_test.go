//go:build e2e

package aws

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// at is a request to Latchkey's API or to one behind its authorizers, whose bearer may be empty.
func at(t testing.TB, base, method, path, bearer, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{method + " " + path, res.StatusCode, res.Header, string(text)}
}

// credentials are a session token of the administrator and a new key that opens the consumer's paths.
func credentials(t testing.TB) (token, keyID, key string) {
	t.Helper()
	var in struct{ Token string }
	login := fmt.Sprintf(`{"email":"%s","password":"%s"}`, latchkey.email, latchkey.password)
	if err := json.Unmarshal([]byte(at(t, latchkey.url, "POST", "/v1/auth/login", "", login).is(t, 200).body), &in); err != nil {
		t.Fatal(err)
	}
	var made struct{ ID, Key string }
	wanted := `{"name":"aws","scopes":["read:campaigns","read:stats"]}`
	if err := json.Unmarshal([]byte(at(t, latchkey.url, "POST", "/v1/api-keys", in.Token, wanted).is(t, 201).body), &made); err != nil {
		t.Fatal(err)
	}
	return in.Token, made.ID, made.Key
}

// The policies of what checks credentials are needed whole: limits are counted by UpdateItem,
// and where the deployment has none, GetItem reads.
func TestCredentialsAreCheckedWithAndWithoutLimits(t *testing.T) {
	token, keyID, key := credentials(t)
	consumer := strings.Replace(probe.URL, probe.ApiId, probe.ConsumerApiId, 1)
	check := func(t *testing.T) {
		for kind, credential := range map[string]string{"token": token, "key": key} {
			at(t, latchkey.url, "GET", "/v1/auth/me", credential, "").is(t, 200)
			at(t, consumer, "GET", "/api/campaigns", credential, "").is(t, 200)
			a := at(t, consumer, "GET", "/api/stats", credential, "").is(t, 200)
			if context := a.event(t).RequestContext.Authorizer; context.Principal == "" || context.Refusal != "" {
				t.Errorf("in function mode, a %s: %+v", kind, context)
			}
		}
		at(t, consumer, "GET", "/api/campaigns", key+"x", "").is(t, 401)
		form := "grant_type=client_credentials&client_id=" + keyID + "&client_secret=" + key
		res, err := client.Post(latchkey.url+"/oauth/token", "application/x-www-form-urlencoded", strings.NewReader(form))
		if err != nil {
			t.Fatal(err)
		}
		if res.Body.Close(); res.StatusCode != http.StatusOK {
			t.Errorf("POST /oauth/token: %d", res.StatusCode)
		}
	}
	t.Run("limited", check)
	for _, name := range functions(t) {
		if strings.Contains(name, "AuthorizerFunction-") && strings.HasPrefix(name, "latchkey-") || strings.Contains(name, "-OauthTokenFunction-") {
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
	if err := json.Unmarshal([]byte(awsCall{"lambda", http.MethodGet, path, ""}.is(t, 200).body), &was); err != nil {
		t.Fatal(err)
	}
	set := func(change func(name, value string) string) {
		variables := map[string]string{}
		for name, value := range was.Environment.Variables {
			variables[name] = change(name, value)
		}
		body, err := json.Marshal(map[string]any{"Environment": map[string]any{"Variables": variables}})
		if err != nil {
			t.Fatal(err)
		}
		awsCall{"lambda", http.MethodPut, path, string(body)}.is(t, 200)
	}
	t.Cleanup(func() { set(func(_, value string) string { return value }) })
	set(func(name, value string) string {
		if strings.HasPrefix(name, "RATE_LIMIT_") && name != "RATE_LIMIT_WINDOW" {
			return "0"
		}
		return value
	})
}

// LATCHKEY_BURST sets the number; a sandbox takes 15 MB, and each request two.
func TestBurstWithOneKeyFromColdProcessesIsAnsweredWhole(t *testing.T) {
	n := 200
	if wanted := os.Getenv("LATCHKEY_BURST"); wanted != "" {
		var err error
		if n, err = strconv.Atoi(wanted); err != nil {
			t.Fatal(err)
		}
	}
	_, _, key := credentials(t)
	kill(t, "", false)
	t.Cleanup(func() { kill(t, "", false) })
	began := time.Now()
	status := map[int]int{}
	for _, a := range atOnce(t, n, func() answer { return at(t, latchkey.url, "GET", "/v1/auth/me", key, "") }) {
		status[a.status]++
	}
	t.Logf("%d requests in %v: %v", n, time.Since(began), status)
	if status[http.StatusOK] != n {
		t.Errorf("of %d requests at once with one good key the statuses are %v", n, status)
	}
}
