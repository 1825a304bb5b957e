package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/oauth/oauthtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/tests/expect"
)

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
		{"an unknown resource", "", "", id + "&grant_type=client_credentials&resource=https://moon.example.com", 400, "invalid_target"},
		{"an unknown resource beside a good one", "", "", id + "&grant_type=client_credentials&resource=https://orders.example.com&resource=https://moon.example.com", 400, "invalid_target"},
		{"a resource that is no URI", "", "", id + "&grant_type=client_credentials&resource=orders", 400, "invalid_target"},
		{"a resource with a fragment", "", "", id + "&grant_type=client_credentials&resource=https://orders.example.com%23a", 400, "invalid_target"},
		{"a resource for Latchkey itself", "", "", id + "&grant_type=client_credentials&resource=urn:latchkey:own", 400, "invalid_target"},
		{"JSON", "", "application/json", `{"grant_type":"client_credentials"}`, 415, "invalid_request"},
		{"too much", "", "", id + "&x=" + strings.Repeat("x", gateway.MaxBody), 413, "invalid_request"},
	} {
		if c.media == "" {
			c.media = "application/x-www-form-urlencoded; charset=UTF-8"
		}
		answer := gatewaytest.Do(t, function(t, d, nil), gatewaytest.Call{Method: "POST", Resource: "/oauth/token", Body: c.body,
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

func TestTokenRequestsAreLimitedByKeyInRFC6749sWords(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(func(k *apikey.Key) { k.Auth = 1 })
	f := function(t, d, &ratelimit.Limit{Category: ratelimit.Auth, Max: 10, Window: 24 * time.Hour})
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
