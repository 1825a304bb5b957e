//go:build e2e

package aws

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
)

// Latchkey's own authorizer before an HTTP API, as docs/authorizer.md describes it.

func TestRowHTTPPolicyOfLatchkeysAuthorizerOpensAnHTTPAPI(t *testing.T) {
	guarded(t, probe.HTTPPolicyID)
}

func TestRowHTTPSimpleAnswerOfLatchkeysAuthorizerOpensAnHTTPAPI(t *testing.T) {
	answerSimply(t)
	guarded(t, probe.HTTPSimpleID)
}

func TestRowHTTPWrongKindOfAnswerOpensNothing(t *testing.T) {
	key := newKey(t, "read:campaigns")
	campaigns(t, probe.HTTPSimpleID, http.MethodGet, key.Key).is(t, 500)
}

// guarded goes through what a caller of the API meets.
func guarded(t *testing.T, api string) {
	t.Helper()
	key := newKey(t, "read:campaigns")
	var event struct {
		RequestContext struct {
			Authorizer struct{ Lambda map[string]any }
		}
	}
	a := campaigns(t, api, http.MethodGet, key.Key).is(t, 200)
	if err := json.Unmarshal([]byte(a.body), &event); err != nil {
		t.Fatal(err)
	}
	if got := event.RequestContext.Authorizer.Lambda["key_id"]; got != key.ID {
		t.Errorf("the function learns key_id %v, want %s: %v", got, key.ID, event.RequestContext.Authorizer.Lambda)
	}
	campaigns(t, api, http.MethodPost, key.Key).is(t, 403) // out of its scope
	campaigns(t, api, http.MethodGet, "").is(t, 403)
	campaigns(t, api, http.MethodGet, strings.ToUpper(key.Key)).is(t, 403)
	latchkey(t, http.MethodPut, "/api/v1/auth/api-keys/"+key.ID+"/revoke", "").is(t, 200)
	campaigns(t, api, http.MethodGet, key.Key).is(t, 403)
}

func campaigns(t testing.TB, api, method, key string) answer {
	t.Helper()
	r := request{method: method, url: os.Getenv("AWS_ENDPOINT_URL") + "/_aws/execute-api/" + api + "/$default/api/campaigns"}
	if key != "" {
		r = r.with("X-Api-Key", key)
	}
	return send(t, r)
}

type apiKey struct{ ID, Key string }

func newKey(t testing.TB, scope string) (key apiKey) {
	t.Helper()
	a := latchkey(t, http.MethodPost, "/api/v1/auth/api-keys", `{"name": "HTTP API", "permissions": ["`+scope+`"]}`).is(t, 201)
	if err := json.Unmarshal([]byte(a.body), &key); err != nil {
		t.Fatal(err)
	}
	return key
}

var administrator string // a session's token

// latchkey asks Latchkey's own API, as its administrator.
func latchkey(t testing.TB, method, path, body string) answer {
	t.Helper()
	ask := request{method: http.MethodPost, url: os.Getenv("API_URL") + "/v1/auth/login",
		body: `{"email": "` + os.Getenv("ADMIN_EMAIL") + `", "password": "` + os.Getenv("ADMIN_PASSWORD") + `"}`}
	if administrator == "" {
		var session struct{ Token string }
		if err := json.Unmarshal([]byte(send(t, ask.with("Content-Type", "application/json")).is(t, 200).body), &session); err != nil {
			t.Fatal(err)
		}
		administrator = session.Token
	}
	r := request{method: method, url: os.Getenv("API_URL") + path, body: body}
	return send(t, r.with("Content-Type", "application/json").with("Authorization", "Bearer "+administrator))
}

// answerSimply deploys the authorizer as with HttpApiResponse=simple, until the test ends.
func answerSimply(t *testing.T) {
	path := "/2015-03-31/functions/" + probe.LatchkeysAuthorizer[strings.LastIndex(probe.LatchkeysAuthorizer, ":")+1:] + "/configuration"
	var was struct {
		Environment struct{ Variables map[string]string }
	}
	if err := json.Unmarshal([]byte(awsCall{"lambda", http.MethodGet, path, ""}.is(t, 200).body), &was); err != nil {
		t.Fatal(err)
	}
	set := func(kind string) {
		was.Environment.Variables["HTTP_API_RESPONSE"] = kind
		body, err := json.Marshal(was)
		if err != nil {
			t.Fatal(err)
		}
		awsCall{"lambda", http.MethodPut, path, string(body)}.is(t, 200)
	}
	set("simple")
	t.Cleanup(func() { set("policy") })
}
