package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/oauth/oauthtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
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
	f := gateway.OAuth(a.d.Store, nil, handler{a.d.Authn, a.d.Clients, nil, issuer, oauthtest.Resources(a.t)}.serve)
	return oauthtest.Post(a.t, f, "/oauth/introspect", a.header, url.Values{"token": {text}, "token_type_hint": {hint}})
}

func (a asker) active(text, hint string) map[string]any {
	a.t.Helper()
	answer := a.ask(text, hint)
	body := answer.JSON(a.t)
	if answer.Status != 200 {
		a.t.Fatalf("status %d, want 200: %s", answer.Status, answer.Body)
	}
	if body["active"] != true {
		a.t.Fatalf("active: %v, want true", body["active"])
	}
	if answer.Header["Cache-Control"] != "no-store" {
		a.t.Fatalf("Cache-Control: %v, want no-store", answer.Header["Cache-Control"])
	}
	return body
}

func (a asker) inactive(name, text, hint string) {
	a.t.Helper()
	answer := a.ask(text, hint)
	expect.Same(a.t, name+": status", answer.Status, 200)
	expect.Same(a.t, name+": body", answer.Body, `{"active":false}`)
}

func TestGoodCredentialsOfTheProjectAreDescribed(t *testing.T) {
	d := oauthtest.New(t)
	a := newAsker(t, d)
	k, full := d.Key(func(k *apikey.Key) { k.ExpiresAt = time.Now().Unix() + 100 })
	ofKey := a.active(full, "")
	expect.Same(t, "a key: scope", ofKey["scope"], "read:stats write:events")
	expect.Same[any](t, "a key: client_id", ofKey["client_id"], k.ID)
	expect.Same[any](t, "a key: sub", ofKey["sub"], k.ID)
	expect.Same(t, "a key: username", ofKey["username"], "ann@example.com")
	expect.Same(t, "a key: token_type", ofKey["token_type"], "bearer")
	expect.Same[any](t, "a key: exp", ofKey["exp"], float64(k.ExpiresAt))
	if ofKey["iat"] == nil {
		t.Error("a key: there is no iat")
	}
	ofClient := a.active(d.Token(k, "one"), "refresh_token")
	expect.Same(t, "a client's token: scope", ofClient["scope"], "read:stats")
	expect.Same[any](t, "a client's token: client_id", ofClient["client_id"], k.ID)
	expect.Same[any](t, "a client's token: sub", ofClient["sub"], k.ID)
	expect.Same(t, "a client's token: jti", ofClient["jti"], "one")
	expect.Same[any](t, "a client's token: iss", ofClient["iss"], issuer)
	if ofClient["aud"] == nil {
		t.Error("a client's token: there is no aud")
	}
	if ofClient["exp"] == nil {
		t.Error("a client's token: there is no exp")
	}
	ses := d.Session("usr_A")
	ofUser := a.active(d.SessionToken(ses, token.Access), "")
	expect.Same(t, "a user's token: sub", ofUser["sub"], "usr_A")
	expect.Same[any](t, "a user's token: username", ofUser["username"], ses.Email)
	if ofUser["client_id"] != nil {
		t.Errorf("a user's token: client_id: %v, want none", ofUser["client_id"])
	}
}

func TestTokenForAResourceShowsItsAudience(t *testing.T) {
	d := oauthtest.New(t)
	a := newAsker(t, d)
	k, _ := d.Key(nil)
	aud := a.active(d.Token(k, "one", "https://campaigns.example.com", "https://orders.example.com"), "")["aud"]
	if got := fmt.Sprint(aud); got != "[https://campaigns.example.com https://orders.example.com]" {
		t.Errorf("aud is %v", got)
	}
	a.inactive("for what is no resource any more", d.Token(k, "two", "https://gone.example.com"), "")
}

func TestWhatIsNotGoodOrNotTheProjectsIsInactiveAndNothingMore(t *testing.T) {
	d := oauthtest.New(t)
	a := newAsker(t, d)
	revoked, revokedFull := d.Key(nil)
	tokenOfRevoked := d.Token(revoked, "one")
	d.Revoke(revoked)
	_, expired := d.Key(func(k *apikey.Key) { k.ExpiresAt = time.Now().Unix() - 1 })
	foreign, foreignFull := d.Key(func(k *apikey.Key) { k.Owner, k.Project = "usr_B", "prj_B" })
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
	got := a.active(text, "refresh_token")
	expect.Same(t, "token_type", got["token_type"], "refresh_token")
	if got["scope"] != nil {
		t.Errorf("scope: %v, want none", got["scope"])
	}
	if _, err := d.Store.RotateSession(context.Background(), ses.ID, session.Refresh{Lifetime: time.Hour, Family: 24 * time.Hour, Now: time.Now()}); err != nil {
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
	answer := a.ask("x", "")
	if answer.Status != 401 {
		t.Errorf("status %d, want 401: %s", answer.Status, answer.Body)
	}
	expect.Same(t, "error", answer.JSON(t)["error"], "invalid_client")
	k, full := d.Key(nil)
	f := gateway.OAuth(d.Store, nil, handler{d.Authn, d.Clients, &ratelimit.Limit{Category: ratelimit.Read, Max: 1, Window: 24 * time.Hour}, issuer, oauthtest.Resources(t)}.serve)
	header := oauthtest.Basic(k.ID, full)
	first := oauthtest.Post(t, f, "/oauth/introspect", header, url.Values{})
	if first.Status != 400 {
		t.Errorf("without a token: status %d, want 400: %s", first.Status, first.Body)
	}
	expect.Same(t, "without a token: error", first.JSON(t)["error"], "invalid_request")
	expect.Same(t, "without a token: X-RateLimit-Limit", first.Header["X-RateLimit-Limit"], "1")
	if second := oauthtest.Post(t, f, "/oauth/introspect", header, url.Values{"token": {"x"}}); second.Status != 429 {
		t.Errorf("%d %s", second.Status, second.Body)
	}
}
