package main

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/oauth/oauthtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/token"
)

// issuer is what the parameter Issuer says, whatever issuer a token has in it.
const issuer = "https://auth.example.com"

// asker is a client that introspects.
type asker struct {
	t      *testing.T
	d      oauthtest.Deployment
	header string
}

func newAsker(t *testing.T, d oauthtest.Deployment) asker {
	k, full := d.Key(nil)
	return asker{t, d, oauthtest.Basic(k.ID, full)}
}

func (a asker) ask(text, hint string) gatewaytest.Answer {
	a.t.Helper()
	f := gateway.OAuth(a.d.Store, nil, handler{a.d.Authn, a.d.Clients, nil, issuer}.serve)
	return oauthtest.Post(a.t, f, "/oauth/introspect", a.header, url.Values{"token": {text}, "token_type_hint": {hint}})
}

func (a asker) active(text, hint string) map[string]any {
	a.t.Helper()
	answer := a.ask(text, hint)
	body := answer.JSON(a.t)
	if answer.Status != 200 || body["active"] != true || answer.Header["Cache-Control"] != "no-store" {
		a.t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	return body
}

func (a asker) inactive(name, text, hint string) {
	a.t.Helper()
	if answer := a.ask(text, hint); answer.Status != 200 || answer.Body != `{"active":false}` {
		a.t.Errorf("%s: %d %s", name, answer.Status, answer.Body)
	}
}

func TestGoodCredentialsOfTheProjectAreDescribed(t *testing.T) {
	d := oauthtest.New(t)
	a := newAsker(t, d)
	k, full := d.Key(func(k *apikey.Key) { k.ExpiresAt = time.Now().Unix() + 100 })
	if got := a.active(full, ""); got["scope"] != "read:stats write:events" || got["client_id"] != k.ID || got["sub"] != k.ID ||
		got["username"] != "ann@example.com" || got["token_type"] != "bearer" || got["exp"] != float64(k.ExpiresAt) || got["iat"] == nil {
		t.Errorf("a key: %v", got)
	}
	if got := a.active(d.Token(k, "one"), "refresh_token"); got["scope"] != "read:stats" || got["client_id"] != k.ID || got["sub"] != k.ID ||
		got["jti"] != "one" || got["iss"] != issuer || got["aud"] == nil || got["exp"] == nil {
		t.Errorf("a client's token: %v", got)
	}
	ses := d.Session("usr_A")
	if got := a.active(d.SessionToken(ses, token.Access), ""); got["sub"] != "usr_A" || got["username"] != ses.Email || got["client_id"] != nil {
		t.Errorf("a user's token: %v", got)
	}
}

func TestWhatIsNotGoodOrNotTheProjectsIsInactiveAndNothingMore(t *testing.T) {
	d := oauthtest.New(t)
	a := newAsker(t, d)
	revoked, revokedFull := d.Key(nil)
	tokenOfRevoked := d.Token(revoked, "one")
	d.Revoke(revoked)
	_, expired := d.Key(func(k *apikey.Key) { k.ExpiresAt = time.Now().Unix() - 1 })
	foreign, foreignFull := d.Key(func(k *apikey.Key) { k.Owner = "usr_B" })
	neighbour, neighbourFull := d.Key(func(k *apikey.Key) { k.Project = "prj_B" })
	ended := d.Session("usr_A")
	if err := d.Store.EndSession(context.Background(), ended.ID, "usr_A"); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"a revoked key":                    revokedFull,
		"its token":                        tokenOfRevoked,
		"an expired key":                   expired,
		"another user's key":               foreignFull,
		"its token ":                       d.Token(foreign, "one"),
		"another project's key":            neighbourFull,
		"its token  ":                      d.Token(neighbour, "one"),
		"another user's session":           d.SessionToken(d.Session("usr_B"), token.Access),
		"an ended session":                 d.SessionToken(ended, token.Access),
		"an unknown key":                   apikey.New("gf_", apikey.NewID()),
		"a forged token":                   "e30.e30.e30",
		"anything":                         "\x00/../é",
		"something long":                   strings.Repeat("A.", 20000),
		"a key with another's checksum":    revokedFull[:len(revokedFull)-1],
		"a key's id":                       revoked.ID,
		"a header, not what stands in one": "Bearer " + foreignFull,
	} {
		a.inactive(name, text, "")
	}
}

func TestRefreshTokenIsNotABearer(t *testing.T) {
	d := oauthtest.New(t)
	a := newAsker(t, d)
	ses := d.Session("usr_A")
	text := d.SessionToken(ses, token.Refresh)
	a.inactive("asked about a bearer", text, "")
	a.inactive("asked about an access token", text, "access_token")
	if got := a.active(text, "refresh_token"); got["token_type"] != "refresh_token" || got["scope"] != nil {
		t.Errorf("%v", got)
	}
	if _, err := d.Store.RotateSession(context.Background(), ses.ID, 0, time.Hour, time.Now()); err != nil {
		t.Fatal(err)
	}
	a.inactive("a predecessor", text, "refresh_token")
}

func TestIntrospectionIsNoUseAndComparesNoAddress(t *testing.T) {
	d := oauthtest.New(t)
	a := newAsker(t, d)
	k, full := d.Key(func(k *apikey.Key) { k.AllowedIPs, k.Read = []string{"198.51.100.0/24"}, 1 })
	for range 3 {
		a.active(full, "")
		a.active(d.Token(k, "one"), "")
	}
	found, err := d.Store.Key(context.Background(), k.ID)
	if err != nil || found.LastUsedAt != 0 {
		t.Errorf("last used at %d (%v)", found.LastUsedAt, err)
	}
}

func TestOnlyClientsIntrospectAndTheyAreLimited(t *testing.T) {
	d := oauthtest.New(t)
	a := newAsker(t, d)
	a.header = ""
	if answer := a.ask("x", ""); answer.Status != 401 || answer.JSON(t)["error"] != "invalid_client" {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
	k, full := d.Key(nil)
	f := gateway.OAuth(d.Store, nil, handler{d.Authn, d.Clients, &ratelimit.Limit{Category: ratelimit.Read, Max: 1, Window: 24 * time.Hour}, issuer}.serve)
	header := oauthtest.Basic(k.ID, full)
	first := oauthtest.Post(t, f, "/oauth/introspect", header, url.Values{})
	if first.Status != 400 || first.JSON(t)["error"] != "invalid_request" || first.Header["X-RateLimit-Limit"] != "1" {
		t.Errorf("without a token: %d %s %v", first.Status, first.Body, first.Header)
	}
	if second := oauthtest.Post(t, f, "/oauth/introspect", header, url.Values{"token": {"x"}}); second.Status != 429 {
		t.Errorf("%d %s", second.Status, second.Body)
	}
}
