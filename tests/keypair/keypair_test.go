//go:build e2e

// Package keypair_test shows that verifiers which nobody here wrote accept the access tokens of a
// deployment that signs with a key pair, offline, and nothing else of it. `make test` deploys one.
package keypair_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
)

func variable(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: `make test` runs this", name)
	}
	return value
}

// call sends a request, and returns the JSON object that it is answered with.
func call(t *testing.T, method, path, contentType, credential string, body io.Reader, want int) map[string]any {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, variable(t, "API_URL")+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	if credential != "" {
		r.Header.Set("Authorization", "Bearer "+credential)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != want {
		t.Fatalf("%s %s: %d, want %d: %s", method, path, res.StatusCode, want, text)
	}
	answer := map[string]any{}
	if json.Unmarshal(text, &answer) != nil {
		return nil
	}
	return answer
}

func post(t *testing.T, path, credential string, body map[string]any, want int) map[string]any {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return call(t, http.MethodPost, path, "application/json", credential, bytes.NewReader(text), want)
}

// tokens are one of each kind that an API may meet: accepted ones by kind, and others.
func tokens(t *testing.T) (access, others map[string]string) {
	t.Helper()
	who := map[string]any{"email": variable(t, "ADMIN_EMAIL"), "password": variable(t, "ADMIN_PASSWORD")}
	session := post(t, "/v1/auth/login", "", who, 200)["token"].(string)
	pair := post(t, "/api/auth/login", "", who, 200)
	ask := newClient(t, session)
	client := ask()
	access = map[string]string{"session": session, "access": pair["access_token"].(string), "client": client}
	cut := strings.LastIndex(session, ".")
	return access, map[string]string{
		"a refresh token":              pair["refresh_token"].(string),
		"a token with another payload": client[:strings.LastIndex(client, ".")] + session[cut:],
		"a token of HS256":             variable(t, "OLD_TOKEN"),
		"a token for a resource":       ask(variable(t, "EXAMPLE_RESOURCE")),
	}
}

// newClient makes a key, and returns how to get a token from it for some resources.
func newClient(t *testing.T, session string) (ask func(resources ...string) string) {
	t.Helper()
	key := post(t, "/v1/api-keys", session, map[string]any{"label": "key pair", "scopes": []string{"read:stats", "read:campaigns"}}, 201)
	return func(resources ...string) string {
		form := url.Values{
			"grant_type": {"client_credentials"}, "client_id": {key["id"].(string)}, "client_secret": {key["key"].(string)}, "resource": resources,
		}
		answer := call(t, http.MethodPost, "/oauth/token", "application/x-www-form-urlencoded", "", strings.NewReader(form.Encode()), 200)
		return answer["access_token"].(string)
	}
}

func TestTokenForAResourceIsTakenByItsVerifierAndItsAuthorizerAndByNoOther(t *testing.T) {
	who := map[string]any{"email": variable(t, "ADMIN_EMAIL"), "password": variable(t, "ADMIN_PASSWORD")}
	ask := newClient(t, post(t, "/v1/auth/login", "", who, 200)["token"].(string))
	provider, err := oidc.NewProvider(t.Context(), variable(t, "API_URL"))
	if err != nil {
		t.Fatalf("discovery: %v", err)
	}
	campaigns, orders := variable(t, "EXAMPLE_RESOURCE"), "https://orders.example.com"
	for _, row := range []struct {
		name           string
		asked          []string
		campaigns, own bool // which API takes the token
	}{
		{"its resource", []string{campaigns}, true, false},
		{"another resource", []string{orders}, false, false},
		{"both", []string{orders, campaigns}, true, false},
		{"none", nil, true, true},
	} {
		text := ask(row.asked...)
		for _, uri := range row.asked {
			if _, err := provider.Verifier(&oidc.Config{ClientID: uri}).Verify(t.Context(), text); err != nil {
				t.Errorf("%s: go-oidc, as %s: %v", row.name, uri, err)
			}
		}
		if got := status(t, variable(t, "EXAMPLE_API_URL")+"/api/campaigns", text) == http.StatusOK; got != row.campaigns {
			t.Errorf("%s: the example takes the token: %v, want %v", row.name, got, row.campaigns)
		}
		if got := status(t, variable(t, "API_URL")+"/v1/auth/me", text) == http.StatusOK; got != row.own {
			t.Errorf("%s: Latchkey's own API takes the token: %v, want %v", row.name, got, row.own)
		}
	}
}

func TestGoOIDCAcceptsAccessTokensAndNothingElse(t *testing.T) {
	provider, err := oidc.NewProvider(t.Context(), variable(t, "API_URL"))
	if err != nil {
		t.Fatalf("discovery: %v", err)
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: "latchkey"})
	access, others := tokens(t)
	for kind, text := range access {
		if _, err := verifier.Verify(t.Context(), text); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
	for kind, text := range others {
		if _, err := verifier.Verify(t.Context(), text); err == nil {
			t.Errorf("%s was accepted", kind)
		}
	}
	wrong := provider.Verifier(&oidc.Config{ClientID: "https://other.example.com"})
	if _, err := wrong.Verify(t.Context(), access["client"]); err == nil {
		t.Error("another API accepted a token that is not for it")
	}
}

// jose and aws-jwt-verify, in tests/clients/node.
func TestVerifiersInJavaScriptAcceptAccessTokensAndNothingElse(t *testing.T) {
	access, others := tokens(t)
	input, err := json.Marshal(map[string]any{"issuer": variable(t, "API_URL"), "access": access, "others": others})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "node", "verifiers.js")
	cmd.Dir, cmd.Stdin = "../clients/node", bytes.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Logf("%s", out)
}

func TestLatchkeyAcceptsItsOwnTokensAndThoseFromBeforeTheChange(t *testing.T) {
	access, _ := tokens(t)
	access["from before"] = variable(t, "OLD_TOKEN")
	for kind, text := range access {
		who := call(t, http.MethodGet, "/v1/auth/me", "application/json", text, nil, 200)
		if who["ok"] != true {
			t.Errorf("%s: %v", kind, who)
		}
	}
}

func TestRefreshThatIsRepeatedReturnsTheVerySamePair(t *testing.T) {
	who := map[string]any{"email": variable(t, "ADMIN_EMAIL"), "password": variable(t, "ADMIN_PASSWORD")}
	refresh := map[string]any{"refresh_token": post(t, "/api/auth/login", "", who, 200)["refresh_token"]}
	first, again := post(t, "/api/auth/refresh", "", refresh, 200), post(t, "/api/auth/refresh", "", refresh, 200)
	for _, name := range []string{"access_token", "refresh_token"} {
		if first[name] != again[name] {
			t.Errorf("the repetition returns another %s", name)
		}
	}
}

// API Gateway's own check takes RSA alone, so with ES256 it refuses all.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
func TestJWTAuthorizerOfAnHTTPAPIAcceptsAccessTokensOfRS256AndNothingElse(t *testing.T) {
	ask := func(token string) int { return status(t, variable(t, "HTTP_API_URL"), token) }
	access, others := tokens(t)
	for kind, text := range access {
		want := http.StatusUnauthorized
		if variable(t, "ALGORITHM") == "RS256" {
			want = http.StatusOK
		}
		if status := ask(text); status != want {
			t.Errorf("%s: %d, want %d", kind, status, want)
		}
	}
	for kind, text := range others {
		if status := ask(text); status != http.StatusUnauthorized {
			t.Errorf("%s: %d", kind, status)
		}
	}
}

// status returns that of a GET with a token.
func status(t *testing.T, address, token string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.StatusCode
}
