package main

import (
	"context"
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/oauth/oauthtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
)

const issuer = "https://auth.example.com"

func function(t *testing.T, d oauthtest.Deployment, limit *ratelimit.Limit) gateway.Function {
	t.Helper()
	h := handler{d.Store, d.Clients, d.Tokens, limit, time.Hour, time.Hour, issuer, oauthtest.Resources(t)}
	return gateway.OAuth(d.Store, limit, h.serve)
}

func form(pairs ...string) url.Values {
	values := url.Values{"grant_type": {"client_credentials"}}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values
}

func post(t *testing.T, d oauthtest.Deployment, authorization string, form url.Values) gatewaytest.Answer {
	t.Helper()
	return oauthtest.Post(t, function(t, d, nil), "/oauth/token", authorization, form)
}

func issued(t *testing.T, a gatewaytest.Answer) string {
	t.Helper()
	text, _ := a.JSON(t)["access_token"].(string)
	if a.Status != 200 {
		t.Fatalf("status %d, want 200: %s", a.Status, a.Body)
	}
	if text == "" {
		t.Fatalf("there is no access_token: %s", a.Body)
	}
	return text
}

func TestClientGetsATokenWithEitherWayOfAuthenticating(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(nil)
	for name, answer := range map[string]gatewaytest.Answer{
		"post":                      post(t, d, "", form("client_id", k.ID, "client_secret", full)),
		"basic":                     post(t, d, oauthtest.Basic(k.ID, full), form()),
		"basic with client_id":      post(t, d, oauthtest.Basic(k.ID, full), form("client_id", k.ID)),
		"basic, percent-encoded":    post(t, d, "Basic "+base64.StdEncoding.EncodeToString([]byte(k.ID+":"+strings.Replace(full, "_", "%5F", 1))), form()),
		"basic, in other letters":   post(t, d, strings.Replace(oauthtest.Basic(k.ID, full), "Basic", "bASIC", 1), form()),
		"with an unknown parameter": post(t, d, "", form("client_id", k.ID, "client_secret", full, "audience", "x")),
	} {
		body := answer.JSON(t)
		expect.Same(t, name+": the token is good", d.Good(issued(t, answer)), true)
		expect.Same(t, name+": token_type", body["token_type"], "bearer")
		expect.Same(t, name+": expires_in", body["expires_in"], 3600.0)
		expect.Same(t, name+": scope", body["scope"], "read:stats write:events")
		if answer.Header["Cache-Control"] != "no-store" {
			t.Errorf("%s: tokens may be cached", name)
		}
	}
}

func TestNarrowedTokenHoldsWhatWasAskedForAndNoMore(t *testing.T) {
	catalogue := scope.Default()
	some, all := scope.Set{"read:stats", "write:events"}, catalogue.AllButAdmin()
	for _, c := range []struct {
		asked          string
		held           scope.Set
		granted, shown string
	}{
		{"", some, "read:stats write:events", "read:stats write:events"},
		{"read:stats", some, "read:stats", "read:stats"},
		{"stats:read", some, "read:stats", "stats:read"},
		{"read", some, "read:stats", "read:stats"},
		{"read write", some, "read:stats write:events", "read:stats write:events"},
		{"write", scope.Set{"read:stats"}, "read:stats", "read:stats"},
		{"read write", all, all.String(), "read write"}, // as the OAuth dialect prints it
		{"read:events write", all, all.String(), "read:events write"},
		{"admin", catalogue.All(), strings.Replace(catalogue.All().String(), scope.VerifyAllKeys+" ", "", 1), "admin"}, // which no word stands for
	} {
		granted, shown, err := narrow(c.asked, c.held)
		if err != nil {
			t.Fatalf("%q of %q: %v", c.asked, c.held, err)
		}
		if granted.String() != c.granted {
			t.Errorf("%q of %q: granted.String(): %v, want %v", c.asked, c.held, granted.String(), c.granted)
		}
		if shown != c.shown {
			t.Errorf("%q of %q: shown: %v, want %v", c.asked, c.held, shown, c.shown)
		}
	}
	if _, _, err := narrow("write", scope.Set{}); err == nil {
		t.Error("a client that holds nothing was granted something")
	}
}

func TestTokenDiesWithItsKey(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(nil)
	text := issued(t, post(t, d, "", form("client_id", k.ID, "client_secret", full)))
	d.Revoke(k)
	if d.Good(text) {
		t.Error("the token outlived its key")
	}

	k, full = d.Key(nil)
	text = issued(t, post(t, d, "", form("client_id", k.ID, "client_secret", full)))
	d.Regenerate(k, 0)
	if d.Good(text) {
		t.Error("the token outlived its key's secret")
	}

	k, full = d.Key(func(k *apikey.Key) { k.ExpiresAt = time.Now().Unix() + 100 })
	answer := post(t, d, "", form("client_id", k.ID, "client_secret", full))
	if left := answer.JSON(t)["expires_in"].(float64); left < 90 || left > 100 {
		t.Errorf("the key has 100 s to live, its token %v", left)
	}
}

func TestTokenFromASecretInItsGraceEndsWithTheGrace(t *testing.T) {
	d := oauthtest.New(t)
	k, old := d.Key(nil)
	fresh := d.Regenerate(k, time.Minute)
	answer := post(t, d, "", form("client_id", k.ID, "client_secret", old))
	if left := answer.JSON(t)["expires_in"].(float64); left < 50 || left > 60 {
		t.Errorf("the secret has 60 s to live, its token %v", left)
	}
	claims, err := d.Tokens.Verify(context.Background(), issued(t, answer), token.Client)
	if err != nil || claims.Generation != 1 {
		t.Errorf("generation %d (%v), want the old secret's, 1", claims.Generation, err)
	}
	claims, err = d.Tokens.Verify(context.Background(), issued(t, post(t, d, "", form("client_id", k.ID, "client_secret", fresh))), token.Client)
	if err != nil || claims.Generation != 2 {
		t.Errorf("generation %d (%v), want 2", claims.Generation, err)
	}
}

func TestEveryTokenIsInTheKeysLogAndNoRefusedOneIs(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(nil)
	text := issued(t, post(t, d, "", form("client_id", k.ID, "client_secret", full)))
	post(t, d, "", form("client_id", k.ID, "client_secret", full, "scope", "admin"))
	post(t, d, "", form("client_id", k.ID, "client_secret", apikey.New("gf_", k.ID)))
	entries := slices.DeleteFunc(d.Actions(k.ID), func(e audit.Entry) bool { return e.Action != audit.TokenIssued })
	if len(entries) != 1 {
		t.Fatalf("len(entries): %v, want 1", len(entries))
	}
	if entries[0].Actor.ID != k.ID {
		t.Fatalf("entries[0].Actor.ID: %v, want %v", entries[0].Actor.ID, k.ID)
	}
	if entries[0].Detail["scope"] != "read:stats write:events" {
		t.Fatalf("scope: %v, want read:stats write:events", entries[0].Detail["scope"])
	}
	for _, value := range entries[0].Detail {
		if strings.Contains(value, text) {
			t.Error("the log holds the token")
		}
	}
}
