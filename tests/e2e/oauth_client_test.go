//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

// oauthAnswer is what the stack says, for the tests of sessions and OAuth.
type oauthAnswer struct {
	status int
	header http.Header
	text   string
	body   map[string]any
}

// oauthCall sends one request to the stack: a url.Values as a form, anything else but nil as JSON.
func oauthCall(t *testing.T, method, path, bearer string, body any) oauthAnswer {
	t.Helper()
	a, err := oauthSend(t.Context(), method, path, bearer, body)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func oauthSend(ctx context.Context, method, path, bearer string, body any) (oauthAnswer, error) {
	var sent io.Reader
	media := "application/json"
	switch b := body.(type) {
	case nil:
	case url.Values:
		media, sent = "application/x-www-form-urlencoded", strings.NewReader(b.Encode())
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return oauthAnswer{}, err
		}
		sent = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, os.Getenv("API_URL")+path, sent)
	if err != nil {
		return oauthAnswer{}, err
	}
	if sent != nil {
		req.Header.Set("Content-Type", media)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	res, err := oauthPatient.Do(req)
	if err != nil {
		return oauthAnswer{}, err
	}
	text, err := io.ReadAll(res.Body)
	if err == nil {
		err = res.Body.Close()
	}
	a := oauthAnswer{status: res.StatusCode, header: res.Header, text: string(text)}
	if len(text) > 0 && json.Unmarshal(text, &a.body) != nil {
		a.body = nil // an array, or no JSON at all
	}
	return a, err
}

// oauthPatient waits out a window that other tests have used up, as Retry-After asks.
var oauthPatient = &http.Client{Transport: oauthPatience{}}

type oauthPatience struct{}

func (oauthPatience) RoundTrip(req *http.Request) (*http.Response, error) {
	for {
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil || res.StatusCode != 429 {
			return res, err
		}
		if err := res.Body.Close(); err != nil {
			return nil, err
		}
		seconds, err := strconv.Atoi(res.Header.Get("Retry-After"))
		if err != nil {
			return nil, err
		}
		time.Sleep(time.Duration(seconds) * time.Second)
		if req.GetBody != nil {
			if req.Body, err = req.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

func (a oauthAnswer) string(name string) string { s, _ := a.body[name].(string); return s }

// oauthAdmin is a session token of the administrator, fetched once: logins are limited.
var oauthAdmin = sync.OnceValues(func() (string, error) {
	a, err := oauthSend(context.Background(), "POST", "/v1/auth/login", "", map[string]string{
		"email": os.Getenv("ADMIN_EMAIL"), "password": os.Getenv("ADMIN_PASSWORD"),
	})
	return a.string("token"), err
})

// oauthKey creates a key: its id and the key itself.
func oauthKey(t *testing.T, scopes ...string) (id, full string) {
	t.Helper()
	admin, err := oauthAdmin()
	if err != nil {
		t.Fatal(err)
	}
	a := oauthCall(t, "POST", "/api/v1/auth/api-keys", admin, map[string]any{"name": "client", "permissions": scopes})
	if a.status != 201 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	return a.string("id"), a.string("key")
}

func TestGoOAuth2ClientIsServedUntilItsKeyIsRevoked(t *testing.T) {
	admin, err := oauthAdmin()
	if err != nil {
		t.Fatal(err)
	}
	id, full := oauthKey(t, "read:stats", "write:events")
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, oauthPatient)
	for name, style := range map[string]oauth2.AuthStyle{"header": oauth2.AuthStyleInHeader, "params": oauth2.AuthStyleInParams, "auto": oauth2.AuthStyleAutoDetect} {
		config := clientcredentials.Config{
			ClientID: id, ClientSecret: full, TokenURL: os.Getenv("API_URL") + "/oauth/token", AuthStyle: style, Scopes: []string{"write:events"},
		}
		tok, err := config.Token(ctx)
		if err != nil || tok.Type() != "Bearer" || tok.Extra("scope") != "write:events" || !tok.Valid() {
			t.Fatalf("%s: %+v %v", name, tok, err)
		}
		if res, err := config.Client(ctx).Get(os.Getenv("API_URL") + "/v1/auth/me"); err != nil || res.StatusCode != 200 {
			t.Errorf("%s: %v %v", name, res, err)
		}
	}
	config := clientcredentials.Config{ClientID: id, ClientSecret: full, TokenURL: os.Getenv("API_URL") + "/oauth/token"}
	held := config.Client(ctx)
	if res, err := held.Get(os.Getenv("API_URL") + "/v1/auth/me"); err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	}
	if a := oauthCall(t, "PUT", "/api/v1/auth/api-keys/"+id+"/revoke", admin, nil); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if res, err := held.Get(os.Getenv("API_URL") + "/v1/auth/me"); err != nil || res.StatusCode != 401 {
		t.Errorf("a token outlived its key: %v %v", res, err)
	}
	_, err = config.Token(ctx)
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.ErrorCode != "invalid_client" || refused.ErrorDescription != "Client authentication failed" {
		t.Errorf("the library understands %v", err)
	}
}

// Seed 004, "Obtain Token": the request and both answers, as printed.
func TestSeed004ObtainToken(t *testing.T) {
	id, full := oauthKey(t, "write")
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {full}, "scope": {"read write"}}
	a := oauthCall(t, "POST", "/oauth/token", "", form)
	if a.status != 200 || a.string("token_type") != "bearer" || a.body["expires_in"] != 3600.0 || a.string("scope") != "read write" || len(a.body) != 4 {
		t.Errorf("%d %s", a.status, a.text)
	}
	form.Set("client_secret", "YOUR_CLIENT_SECRET")
	a = oauthCall(t, "POST", "/oauth/token", "", form)
	if a.status != 401 || a.text != `{"error":"invalid_client","error_description":"Client authentication failed"}` {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestOneClientsTokenIsRevokedAndItsSiblingIsNot(t *testing.T) {
	id, full := oauthKey(t, "read:stats")
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {full}}
	one, two := oauthCall(t, "POST", "/oauth/token", "", form), oauthCall(t, "POST", "/oauth/token", "", form)
	form.Set("token", one.string("access_token"))
	if a := oauthCall(t, "POST", "/oauth/revoke", "", form); a.status != 200 || a.text != "" {
		t.Fatalf("%d %s", a.status, a.text)
	}
	if a := oauthCall(t, "GET", "/v1/auth/me", one.string("access_token"), nil); a.status != 401 || a.string("error_code") != "TOKEN_INVALID" {
		t.Errorf("the revoked one: %d %s", a.status, a.text)
	}
	if a := oauthCall(t, "GET", "/v1/auth/me", two.string("access_token"), nil); a.status != 200 {
		t.Errorf("its sibling: %d %s", a.status, a.text)
	}
	if a := oauthCall(t, "POST", "/oauth/introspect", "", form); a.text != `{"active":false}` {
		t.Errorf("introspection: %s", a.text)
	}
}
