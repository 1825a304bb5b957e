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
	key := administrator(t).newKey(t, map[string]any{"scopes": []string{"read:campaigns"}})
	campaigns(t, probe.HTTPSimpleID, http.MethodGet, key.Key).is(t, 500)
}

// guarded goes through what a caller of the API meets.
func guarded(t *testing.T, api string) {
	t.Helper()
	key := administrator(t).newKey(t, map[string]any{"scopes": []string{"read:campaigns"}})
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
	administrator(t).revoke(t, key)
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
