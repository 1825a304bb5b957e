//go:build e2e

package e2e

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

func clientForm(k key) url.Values {
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {k.ID}, "client_secret": {k.Key}}
}

// statusOf is the status that a library's client gets from a path.
func statusOf(t testing.TB, c *http.Client, path string) int {
	t.Helper()
	res, err := c.Get(apiURL + path)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

func TestGoOAuth2ClientIsServedUntilItsKeyIsRevoked(t *testing.T) {
	k := newKey(t, admin(t).token, object{"scopes": []string{"read:stats", "write:events"}})
	ctx := context.WithValue(t.Context(), oauth2.HTTPClient, patient)
	config := clientcredentials.Config{ClientID: k.ID, ClientSecret: k.Key, TokenURL: apiURL + "/oauth/token"}
	for name, style := range map[string]oauth2.AuthStyle{"header": oauth2.AuthStyleInHeader, "params": oauth2.AuthStyleInParams, "auto": oauth2.AuthStyleAutoDetect} {
		narrow := config
		narrow.AuthStyle, narrow.Scopes = style, []string{"write:events"}
		tok, err := narrow.Token(ctx)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := tok.Type(); got != "Bearer" {
			t.Errorf("%s: the token's type is %q", name, got)
		}
		if got := tok.Extra("scope"); got != "write:events" {
			t.Errorf("%s: the scope is %v", name, got)
		}
		if !tok.Valid() {
			t.Errorf("%s: the library holds the token for invalid", name)
		}
		if got := statusOf(t, narrow.Client(ctx), me); got != 200 {
			t.Errorf("%s: %d", name, got)
		}
	}
	held := config.Client(ctx)
	if got := statusOf(t, held, me); got != 200 {
		t.Fatal(got)
	}
	revoke(t, admin(t).token, k.ID)
	if got := statusOf(t, held, me); got != 401 {
		t.Errorf("a token outlived its key: %d", got)
	}
	_, err := config.Token(ctx)
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		t.Fatalf("the library understands %v", err)
	}
	if refused.ErrorCode != "invalid_client" {
		t.Errorf("the library reads the error %q", refused.ErrorCode)
	}
	if refused.ErrorDescription != "Client authentication failed" {
		t.Errorf("the library reads the description %q", refused.ErrorDescription)
	}
}

func TestClientObtainsATokenForItsIDAndSecret(t *testing.T) {
	form := clientForm(newKey(t, admin(t).token, object{"scopes": []string{"write"}}))
	form.Set("scope", "read write")
	got := post(t, "", "/oauth/token", form).is(t, 200).fields(t)
	for name, want := range map[string]any{"token_type": "bearer", "expires_in": float64(accessLifetime), "scope": "read write"} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	if len(got) != 4 {
		t.Errorf("the answer has %d fields, want 4", len(got))
	}
	form.Set("client_secret", "YOUR_CLIENT_SECRET")
	refused := post(t, "", "/oauth/token", form).is(t, 401)
	if want := `{"error":"invalid_client","error_description":"Client authentication failed"}`; string(refused.body) != want {
		t.Errorf("got %s, want %s", refused.body, want)
	}
}

func TestOneClientsTokenIsRevokedAndItsSiblingIsNot(t *testing.T) {
	form := clientForm(newKey(t, admin(t).token, object{"scopes": []string{"read:stats"}}))
	token := func() string {
		return post(t, "", "/oauth/token", form).is(t, 200).text(t, "access_token")
	}
	one, two := token(), token()
	form.Set("token", one)
	if a := post(t, "", "/oauth/revoke", form).is(t, 200); len(a.body) != 0 {
		t.Errorf("the answer is %s", a.body)
	}
	get(t, one, me).refused(t, 401, "TOKEN_INVALID")
	if a := get(t, two, me); a.status != 200 {
		t.Errorf("its sibling: %d %s", a.status, a.body)
	}
	if a := post(t, "", "/oauth/introspect", form); string(a.body) != `{"active":false}` {
		t.Errorf("introspection: %s", a.body)
	}
}

func TestClientLearnsOfATokenOfItsOwnProjectsUserAndOfNoOther(t *testing.T) {
	mine, theirs := admin(t), other(t)
	form := clientForm(newKey(t, mine.token, object{"scopes": []string{"read:stats"}}))
	form.Set("token", mine.token)
	got := post(t, "", "/oauth/introspect", form).is(t, 200).fields(t)
	for name, want := range map[string]any{"active": true, "username": mine.Email, "sub": mine.ID} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	form.Set("token", theirs.token)
	if a := post(t, "", "/oauth/introspect", form).is(t, 200); string(a.body) != `{"active":false}` {
		t.Errorf("of another project's user: %s", a.body)
	}
}

func TestNoClientIsServedForTheSecretOfAnother(t *testing.T) {
	form := clientForm(newKey(t, admin(t).token, nil))
	form.Set("client_secret", newKey(t, admin(t).token, nil).Key)
	form.Set("token", form.Get("client_secret"))
	guessed := clientForm(newKey(t, admin(t).token, nil))
	guessed.Set("client_secret", withSecret(guessed.Get("client_secret"), strings.Repeat("A", 30)))
	guessed.Set("token", "x")
	for _, path := range []string{"/oauth/token", "/oauth/introspect", "/oauth/revoke"} {
		for what, form := range map[string]url.Values{"another key": form, "a guessed secret": guessed} {
			if a := post(t, "", path, form).is(t, 401); a.text(t, "error") != "invalid_client" {
				t.Errorf("%s with %s: %s", path, what, a.body)
			}
		}
	}
}
