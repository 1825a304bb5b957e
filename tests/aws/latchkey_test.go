//go:build e2e

package aws

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"
)

// A caller calls Latchkey's own API with a credential.
type caller string

var signedIn caller

// administrator signs in, once for all tests.
func administrator(t testing.TB) caller {
	t.Helper()
	if signedIn == "" {
		var in struct{ Token string }
		caller("").call(t, http.MethodPost, "/v1/auth/login", map[string]any{
			"email": os.Getenv("ADMIN_EMAIL"), "password": os.Getenv("ADMIN_PASSWORD"),
		}).is(t, 200).json(t, &in)
		signedIn = caller(in.Token)
	}
	return signedIn
}

func (c caller) call(t testing.TB, method, path string, body map[string]any) answer {
	t.Helper()
	r := request{method: method, url: os.Getenv("API_URL") + path, header: map[string]string{"Content-Type": "application/json"}}
	if c != "" {
		r = r.with("Authorization", "Bearer "+string(c))
	}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r.body = string(text)
	}
	return send(t, r)
}

type apiKey struct{ ID, Key string }

// newKey makes a key with one scope and removes it after the test.
func (c caller) newKey(t testing.TB, more map[string]any) apiKey {
	t.Helper()
	body := map[string]any{"name": t.Name(), "scopes": []string{"read:stats"}}
	for name, value := range more {
		body[name] = value
	}
	var made apiKey
	c.call(t, http.MethodPost, "/v1/api-keys", body).is(t, 201).json(t, &made)
	t.Cleanup(func() { c.call(t, http.MethodDelete, "/v1/api-keys/"+made.ID, nil) })
	return made
}

func (c caller) revoke(t testing.TB, k apiKey) {
	t.Helper()
	c.call(t, http.MethodPut, "/api/v1/auth/api-keys/"+k.ID+"/revoke", nil).is(t, 200)
}

// lists reports whether the newest keys of the caller include that one.
func (c caller) lists(t testing.TB, id string) bool {
	t.Helper()
	var keys []apiKey
	c.call(t, http.MethodGet, "/v1/api-keys?limit=100", nil).is(t, 200).json(t, &keys)
	for _, k := range keys {
		if k.ID == id {
			return true
		}
	}
	return false
}

// refusal is the error_code of the answer to a request with a key.
func (k apiKey) refusal(t testing.TB) string {
	t.Helper()
	var p struct {
		Code string `json:"error_code"`
	}
	caller(k.Key).call(t, http.MethodGet, "/v1/auth/me", nil).is(t, 401).json(t, &p)
	return p.Code
}
