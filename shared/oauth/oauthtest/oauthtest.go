// Package oauthtest gives a test clients, and posts their forms.
package oauthtest

import (
	"context"
	"encoding/base64"
	"net/url"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/oauth"
	"github.com/latchkey/latchkey/shared/resource"
	"github.com/latchkey/latchkey/shared/secret/secrettest"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/token/tokentest"
	"github.com/latchkey/latchkey/shared/user"
)

// A Deployment is a table and the services that use it.
type Deployment struct {
	Store   *store.Store
	Tokens  *token.Authority
	Authn   *authn.Authenticator
	Clients *oauth.Clients
	t       testing.TB
}

// Resources has https://campaigns.example.com and https://orders.example.com.
func Resources(t testing.TB) resource.List {
	t.Helper()
	l, err := resource.Parse("https://campaigns.example.com,https://orders.example.com")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// New makes a deployment with an empty table.
func New(t testing.TB) Deployment { return Over(t, storetest.New(t)) }

// Over makes a deployment over a table.
func Over(t testing.TB, s *store.Store) Deployment {
	t.Helper()
	tokens := tokentest.Authority(t)
	a := authn.New(s, tokens, secrettest.Source(), nil)
	return Deployment{s, tokens, a, oauth.NewClients(a), t}
}

// Key creates a key of usr_A in prj_A that holds read:stats and write:events, unless change
// changes it, and returns it with the full key.
func (d Deployment) Key(change func(*apikey.Key)) (apikey.Key, string) {
	d.t.Helper()
	id := apikey.NewID()
	full := apikey.New("gf_", id)
	k := apikey.Key{
		ID: id, Label: "test", Type: apikey.Scoped, Prefix: "gf_", Masked: apikey.Mask(full),
		Owner: "usr_A", OwnerEmail: "ann@example.com", Project: "prj_A",
		Scopes: []string{"read:stats", "write:events"}, Hash: d.hash(full), Generation: 1, CreatedAt: time.Now(),
	}
	if change != nil {
		change(&k)
	}
	if err := d.Store.CreateKey(context.Background(), k, entry(audit.Created)); err != nil {
		d.t.Fatal(err)
	}
	return k, full
}

// Regenerate gives the key another secret. The old one stays good for the duration grace.
func (d Deployment) Regenerate(k apikey.Key, grace time.Duration) string {
	d.t.Helper()
	full, until := apikey.New(k.Prefix, k.ID), int64(0)
	if grace > 0 {
		until = time.Now().Add(grace).Unix()
	}
	if _, err := d.Store.RegenerateKey(context.Background(), k, d.hash(full), until, entry(audit.Regenerated)); err != nil {
		d.t.Fatal(err)
	}
	return full
}

// Revoke revokes the key.
func (d Deployment) Revoke(k apikey.Key) {
	d.t.Helper()
	if _, err := d.Store.RevokeKey(context.Background(), k, entry(audit.Revoked)); err != nil {
		d.t.Fatal(err)
	}
}

// Token makes a client-credentials token from the key, for these resources if there are any.
func (d Deployment) Token(k apikey.Key, jti string, resources ...string) string {
	return d.sign(token.Claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: k.ID, ID: jti, Audience: resources,
			IssuedAt: jwt.NewNumericDate(time.Now()), ExpiresAt: jwt.NewNumericDate(time.Now().Add(time.Hour)),
		},
		Type: token.Client, ID: k.ID, ClientID: k.ID, Scope: "read:stats", Generation: k.Generation,
	})
}

// Session logs the user in.
func (d Deployment) Session(userID string) session.Session {
	d.t.Helper()
	u := user.User{ID: userID, Email: "ann@example.com", Role: user.Member}
	ses := session.New(u, time.Hour, "192.0.2.7", "browser", time.Now())
	if err := d.Store.CreateSession(context.Background(), ses, storetest.Entry(audit.SignedIn)); err != nil {
		d.t.Fatal(err)
	}
	return ses
}

// SessionToken makes a token of the session.
func (d Deployment) SessionToken(ses session.Session, kind token.Type) string {
	return d.sign(ses.Claims(kind, time.Hour))
}

// Good reports whether the credential opens the API.
func (d Deployment) Good(credential string) bool {
	_, err := d.Authn.Identify(context.Background(), credential, authn.Request{Address: "192.0.2.7", Now: time.Now()})
	return err == nil
}

// Actions returns the entries of the key's log, newest first, without its uses.
func (d Deployment) Actions(keyID string) []audit.Entry {
	d.t.Helper()
	entries, _, err := d.Store.AuditLog(context.Background(), keyID, store.Page{Limit: 100}, time.Now())
	if err != nil {
		d.t.Fatal(err)
	}
	return entries
}

func (d Deployment) hash(full string) string {
	d.t.Helper()
	ring, err := secrettest.Source().Ring(context.Background())
	if err != nil {
		d.t.Fatal(err)
	}
	return ring.MAC(full)
}

func (d Deployment) sign(c token.Claims) string {
	d.t.Helper()
	signed, err := d.Tokens.Sign(context.Background(), c)
	if err != nil {
		d.t.Fatal(err)
	}
	return signed
}

func entry(action string) audit.Entry {
	return audit.New(action, audit.Source{Now: time.Now()}, time.Hour)
}

// Post sends a form, with an Authorization header unless it is "".
func Post(t testing.TB, f gateway.Function, resource, authorization string, form url.Values) gatewaytest.Answer {
	t.Helper()
	return gatewaytest.Do(t, f, gatewaytest.Call{
		Method: "POST", Resource: resource, Body: form.Encode(),
		Header: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Authorization": authorization},
	})
}

// Basic returns the header of client_secret_basic.
func Basic(id, secret string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))
}
