package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// FuzzEvent: whatever event arrives, a request comes out of it that names an API, a stage, a method
// and a path, or an error. Nothing else may be in it that a policy could be made for.
func FuzzEvent(f *testing.F) {
	for _, event := range everyEvent {
		f.Add([]byte(event("GET", "/api/campaigns/7", "gf_key")))
		f.Add([]byte(event("DELETE", `/\u0000/..;`, "a.b.c")))
	}
	for _, text := range []string{"", "null", "{}", `{"type":"REQUEST"}`, `{"version":"2.0","routeArn":"arn:aws:execute-api:r:1:a/s/GET"}`,
		`{"type":"TOKEN","methodArn":"arn:aws:execute-api:r:1:a/s/GET/","authorizationToken":" "}`, `{"type":"REQUEST","headers":{"a":1}}`,
		`{"type":"REQUEST","multiValueHeaders":{"Authorization":null},"methodArn":"arn:aws:execute-api:r:1:a/s/GET/x"}`, `[]`, `{"version":2}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := read(text)
		if err != nil {
			return
		}
		api, stage, ok := strings.Cut(r.api, "/")
		if !ok || api == "" || stage == "" || r.method == "" || !strings.HasPrefix(r.path, "/") {
			t.Fatalf("%s: API %q, method %q, path %q", text, r.api, r.method, r.path)
		}
		if !strings.HasSuffix(r.arn, ":"+r.api+"/"+r.method+r.path) {
			t.Fatalf("%s: %s %s of %s is not what %q names", text, r.method, r.path, r.api, r.arn)
		}
		if r.http && len(r.sent.QueryTokens) > 0 {
			t.Fatalf("%s: a credential from the query of an HTTP API", text)
		}
		if credential, err := r.sent.Credential(); (err == nil) == (credential == "") {
			t.Fatalf("%s: the credential %q with %v", text, credential, err)
		}
	})
}

// FuzzValues compares how values are read with encoding/json's own reading of the same text.
func FuzzValues(f *testing.F) {
	for _, text := range []string{`"a"`, `["a"]`, `["a","b"]`, `[]`, `""`, `[""]`, `"\u0041"`, `["a\\"]`, `"é"`, "\"\xff\"", `[["a"]]`, `"[a]"`, `[ "a" ]`, `"a]"`, `["a]"]`, `7`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) || string(bytes.TrimSpace(text)) == "null" {
			return // encoding/json has refused it, or does not hand it on
		}
		var one string
		var list []string
		err := json.Unmarshal(text, &list)
		if json.Unmarshal(text, &one) == nil {
			list, err = []string{one}, nil
		}
		var got values
		if errGot := json.Unmarshal(text, &got); (errGot == nil) != (err == nil) || err == nil && !slices.Equal(got, list) {
			t.Fatalf("%s: %q, %v; encoding/json: %q, %v", text, got, errGot, list, err)
		}
	})
}
