//go:build e2e

// Package ownscopes_test changes the scopes of a deployment while it runs, by the object in S3 that has them, as its
// operator would. `make test` runs it against the stack of the black-box suite and the example.
package ownscopes_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// within is the time in which each function has a change: S3 announces it within seconds, and a process reads the
// scopes again after half a minute.
const within = time.Minute

func variable(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: `make test` runs this", name)
	}
	return value
}

// parameter is one with which the stack was deployed.
func parameter(t *testing.T, name string) string {
	t.Helper()
	for _, pair := range strings.Fields(variable(t, "LATCHKEY_PARAMETERS")) {
		if value, found := strings.CutPrefix(pair, name+"="); found {
			return value
		}
	}
	t.Fatalf("the stack was deployed without %s", name)
	return ""
}

// call returns the status, and reads an answer of JSON into `into`.
func call(t *testing.T, method, address, credential string, body map[string]any, into any) int {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), method, address, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if credential != "" {
		r.Header.Set("Authorization", "Bearer "+credential)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err == nil && into != nil && res.StatusCode/100 == 2 {
		err = json.Unmarshal(answer, into)
	}
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

// text returns what an address shows to everybody.
func text(t *testing.T, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

type object struct {
	client      *s3.Client
	bucket, key string
}

func theObject(t *testing.T) object {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	return object{client, parameter(t, "CatalogueBucket"), "latchkey/catalogue.json"}
}

func (o object) read(t *testing.T) string {
	t.Helper()
	found, err := o.client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &o.bucket, Key: &o.key})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = found.Body.Close() }()
	text, err := io.ReadAll(found.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (o object) write(ctx context.Context, t *testing.T, text string) {
	t.Helper()
	if _, err := o.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &o.bucket, Key: &o.key, Body: strings.NewReader(text)}); err != nil {
		t.Error(err)
	}
}

// await repeats a request until it has the status.
func await(t *testing.T, want int, what string, request func() int) {
	t.Helper()
	began := time.Now()
	for {
		got := request()
		if got == want {
			t.Logf("%s: %d after %.0f s", what, want, time.Since(began).Seconds())
			return
		}
		if time.Since(began) > within {
			t.Fatalf("%s: %d after a minute, want %d", what, got, want)
		}
		time.Sleep(2 * time.Second)
	}
}

func TestScopeIsTakenUpWithinAMinuteAndAMistakeLeavesTheLastGoodCatalogueInForce(t *testing.T) {
	api, example := variable(t, "API_URL"), variable(t, "EXAMPLE_API_URL")
	catalogue := theObject(t)
	before := catalogue.read(t)
	t.Cleanup(func() { catalogue.write(context.Background(), t, before) })

	var in struct{ Token string }
	var key struct{ ID, Key string }
	create := func() int { // with a new login: a token has the scopes of its moment
		login := map[string]any{"email": variable(t, "ADMIN_EMAIL"), "password": variable(t, "ADMIN_PASSWORD")}
		if status := call(t, "POST", api+"/v1/auth/login", "", login, &in); status != 200 {
			t.Fatalf("the administrator's login: %d", status)
		}
		return call(t, "POST", api+"/v1/api-keys", in.Token, map[string]any{"label": "own scope", "scopes": []string{"read:parts"}}, &key)
	}
	if status := create(); status != 422 {
		t.Fatalf("a key with a scope that is not there yet: %d, want 422", status)
	}

	catalogue.write(t.Context(), t, strings.Replace(before, `"scopes": [`, `"scopes": [
    {"name": "read:parts", "description": "See parts", "opens": ["GET /api/campaigns"]},`, 1))
	await(t, 201, "a key with the new scope", create)
	t.Cleanup(func() { call(t, "DELETE", api+"/v1/api-keys/"+key.ID, in.Token, nil, nil) })
	read := func() int { return call(t, "GET", example+"/api/campaigns", key.Key, nil, nil) }
	await(t, 200, "the route that it opens", read)
	for _, page := range []string{"/dashboard", "/openapi.json"} {
		await(t, 1, "times that "+page+" has the new scope", func() int { return min(1, strings.Count(text(t, api+page), "See parts")) })
	}
	if status := call(t, "POST", example+"/api/campaigns", key.Key, nil, nil); status != 403 {
		t.Errorf("a route that it does not open: %d, want 403", status)
	}

	catalogue.write(t.Context(), t, `{"scopes": [{"name": "read:*"}]}`)
	for range 10 { // the mistake has been announced by then, and nothing changes
		if status := read(); status != 200 {
			t.Errorf("with a mistake in the object the new scope's route is answered %d, want 200", status)
		}
		time.Sleep(200 * time.Millisecond)
	}

	catalogue.write(t.Context(), t, before)
	await(t, 403, "the route of the scope that is gone", read)
}
