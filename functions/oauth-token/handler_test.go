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

func function(d oauthtest.Deployment, limit *ratelimit.Limit) gateway.Function {
	h := handler{d.Store, d.Clients, d.Tokens, limit, time.Hour, time.Hour}
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
	return oauthtest.Post(t, function(d, nil), "/oauth/token", authorization, form)
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

func TestFailedAuthenticationIsInvalidClientWhateverIsWrong(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(nil)
	other, otherFull := d.Key(nil)
	revoked, revokedFull := d.Key(nil)
	d.Revoke(revoked)
	expired, expiredFull := d.Key(func(k *apikey.Key) { k.ExpiresAt = time.Now().Unix() - 1 })
	for _, c := range []struct {
		name, header string
		form         url.Values
	}{
		{"nothing", "", form()},
		{"no secret", "", form("client_id", k.ID)},
		{"no id", "", form("client_secret", full)},
		{"another secret", "", form("client_id", k.ID, "client_secret", apikey.New("gf_", k.ID))},
		{"another key's secret", "", form("client_id", k.ID, "client_secret", otherFull)},
		{"another key's id", "", form("client_id", other.ID, "client_secret", full)},
		{"an unknown client", "", form("client_id", strings.Repeat("x", 16), "client_secret", apikey.New("gf_", strings.Repeat("x", 16)))},
		{"no key", "", form("client_id", k.ID, "client_secret", strings.Repeat("\x00", 2000))},
		{"a revoked key", "", form("client_id", revoked.ID, "client_secret", revokedFull)},
		{"an expired key", "", form("client_id", expired.ID, "client_secret", expiredFull)},
		{"basic, another secret", oauthtest.Basic(k.ID, otherFull), form()},
		{"basic, no base64", "Basic %%%", form()},
		{"basic, no colon", "Basic AAAA", form()},
		{"bearer", "Bearer " + full, form()},
	} {
		answer := post(t, d, c.header, c.form)
		expect.Same(t, c.name+": status", answer.Status, 401)
		expect.Same(t, c.name+": body", answer.Body, `{"error":"invalid_client","error_description":"Client authentication failed"}`)
		if got := answer.Header["WWW-Authenticate"]; (got == `Basic realm="latchkey"`) != (c.header != "") {
			t.Errorf("%s: WWW-Authenticate: %q", c.name, got)
		}
	}
}

func TestBadRequestsGetTheErrorThatRFC6749Names(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(nil)
	id := url.Values{"client_id": {k.ID}, "client_secret": {full}}.Encode()
	for _, c := range []struct {
		name, header, media, body string
		status                    int
		code                      string
	}{
		{"no grant type", "", "", id, 400, "invalid_request"},
		{"an empty grant type", "", "", id + "&grant_type=", 400, "invalid_request"},
		{"another grant type", "", "", id + "&grant_type=password", 400, "unsupported_grant_type"},
		{"a parameter twice", "", "", id + "&grant_type=client_credentials&scope=read&scope=write", 400, "invalid_request"},
		{"both ways at once", oauthtest.Basic(k.ID, full), "", id + "&grant_type=client_credentials", 400, "invalid_request"},
		{"two ids", oauthtest.Basic(k.ID, full), "", "client_id=other&grant_type=client_credentials", 400, "invalid_request"},
		{"a bad escape", "", "", id + "&grant_type=%zz", 400, "invalid_request"},
		{"an unknown scope", "", "", id + "&grant_type=client_credentials&scope=read:moon", 400, "invalid_scope"},
		{"a scope not held", "", "", id + "&grant_type=client_credentials&scope=read:billing", 400, "invalid_scope"},
		{"all scopes", "", "", id + "&grant_type=client_credentials&scope=admin", 400, "invalid_scope"},
		{"a blank scope", "", "", id + "&grant_type=client_credentials&scope=+", 400, "invalid_scope"},
		{"JSON", "", "application/json", `{"grant_type":"client_credentials"}`, 415, "invalid_request"},
		{"too much", "", "", id + "&x=" + strings.Repeat("x", gateway.MaxBody), 413, "invalid_request"},
	} {
		if c.media == "" {
			c.media = "application/x-www-form-urlencoded; charset=UTF-8"
		}
		answer := gatewaytest.Do(t, function(d, nil), gatewaytest.Call{Method: "POST", Resource: "/oauth/token", Body: c.body,
			Header: map[string]string{"content-type": c.media, "authorization": c.header}})
		body := answer.JSON(t)
		if answer.Status != c.status {
			t.Errorf("%s: status %d, want %d: %s", c.name, answer.Status, c.status, answer.Body)
		}
		expect.Same[any](t, c.name+": error", body["error"], c.code)
		if body["error_description"] == nil {
			t.Errorf("%s: there is no error_description", c.name)
		}
		expect.Same(t, c.name+": len(body)", len(body), 2)
		if text, _ := body["error_description"].(string); strings.ContainsAny(text, `"\`) {
			t.Errorf("%s: RFC 6749 does not allow this description: %s", c.name, text)
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
		{"admin", catalogue.All(), catalogue.All().String(), "admin"},
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

func TestTokenRequestsAreLimitedByKeyInRFC6749sWords(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(func(k *apikey.Key) { k.Auth = 1 })
	f := function(d, &ratelimit.Limit{Category: ratelimit.Auth, Max: 10, Window: 24 * time.Hour})
	values := form("client_id", k.ID, "client_secret", full)
	first := oauthtest.Post(t, f, "/oauth/token", "", values)
	if first.Status != 200 {
		t.Errorf("status %d, want 200: %s", first.Status, first.Body)
	}
	expect.Same(t, "X-RateLimit-Remaining", first.Header["X-RateLimit-Remaining"], "0")
	second := oauthtest.Post(t, f, "/oauth/token", "", values)
	if second.Status != 429 {
		t.Errorf("status %d, want 429: %s", second.Status, second.Body)
	}
	expect.Same(t, "error", second.JSON(t)["error"], "temporarily_unavailable")
	if second.Header["Retry-After"] == "" {
		t.Error("Retry-After is empty")
	}
}

func TestKeyIsNoClientFromAnAddressThatItMayNotBeUsedFrom(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(func(k *apikey.Key) { k.AllowedIPs = []string{"198.51.100.0/24"} })
	answer := post(t, d, "", form("client_id", k.ID, "client_secret", full))
	if answer.Status != 400 {
		t.Errorf("status %d, want 400: %s", answer.Status, answer.Body)
	}
	expect.Same(t, "error", answer.JSON(t)["error"], "unauthorized_client")
}
