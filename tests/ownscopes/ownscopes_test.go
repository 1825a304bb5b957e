//go:build e2e

// Package ownscopes_test changes the scopes of a deployment while it runs, by the object in S3 that has them, as its
// operator would. local/own_choices.py runs it, a step of `make test`.
package ownscopes_test

import (
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

	"github.com/latchkey/latchkey/tests/caller"
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

// A place is one deployment that is called.
type place struct {
	*testing.T
	*caller.Caller
}

func at(t *testing.T, address string) place {
	t.Helper()
	c, err := caller.New(address, 1)
	if err != nil {
		t.Fatal(err)
	}
	return place{t, c}
}

// status sends a request, and reads the answer into `into` if it is a success. It also serves clean-ups, when the
// test's context has ended.
func (p place) status(method, path, credential string, body map[string]any, into any) int {
	p.Helper()
	a, err := p.Send(context.WithoutCancel(p.Context()), caller.JSON(method, path, credential, body))
	if err == nil && into != nil && a.Status/100 == 2 {
		err = json.Unmarshal(a.Body, into)
	}
	if err != nil {
		p.Fatal(err)
	}
	return a.Status
}

// text returns what a path shows to everybody.
func (p place) text(path string) string {
	p.Helper()
	a, err := p.Send(p.Context(), caller.Request{Method: http.MethodGet, Path: path})
	if err != nil {
		p.Fatal(err)
	}
	return string(a.Body)
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
	api, example := at(t, variable(t, "API_URL")), at(t, variable(t, "EXAMPLE_API_URL"))
	catalogue := theObject(t)
	before := catalogue.read(t)
	t.Cleanup(func() { catalogue.write(context.Background(), t, before) })

	var in struct{ Token string }
	var key struct{ ID, Key string }
	create := func() int { // with a new login: a token has the scopes of its moment
		login := map[string]any{"email": variable(t, "ADMIN_EMAIL"), "password": variable(t, "ADMIN_PASSWORD")}
		if status := api.status("POST", "/v1/auth/login", "", login, &in); status != 200 {
			t.Fatalf("the administrator's login: %d", status)
		}
		return api.status("POST", "/v1/api-keys", in.Token, map[string]any{"label": "own scope", "scopes": []string{"read:parts"}}, &key)
	}
	if status := create(); status != 422 {
		t.Fatalf("a key with a scope that is not there yet: %d, want 422", status)
	}

	catalogue.write(t.Context(), t, strings.Replace(before, `"scopes": [`, `"scopes": [
    {"name": "read:parts", "description": "See parts", "opens": ["GET /api/campaigns"]},`, 1))
	await(t, 201, "a key with the new scope", create)
	t.Cleanup(func() { api.status("DELETE", "/v1/api-keys/"+key.ID, in.Token, nil, nil) })
	read := func() int { return example.status("GET", "/api/campaigns", key.Key, nil, nil) }
	await(t, 200, "the route that it opens", read)
	for _, page := range []string{"/dashboard", "/openapi.json"} {
		await(t, 1, "times that "+page+" has the new scope", func() int { return min(1, strings.Count(api.text(page), "See parts")) })
	}
	if status := example.status("POST", "/api/campaigns", key.Key, nil, nil); status != 403 {
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
