package main

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/gateway/gatewaytest"
	"github.com/latchkey/latchkey/shared/oauth/oauthtest"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
)

func revoke(t *testing.T, d oauthtest.Deployment, k apikey.Key, full, text string) gatewaytest.Answer {
	t.Helper()
	f := gateway.OAuth(d.Store, nil, handler{d.Store, d.Authn, d.Clients, nil, time.Hour, oauthtest.Resources(t)}.serve)
	return oauthtest.Post(t, f, "/oauth/revoke", oauthtest.Basic(k.ID, full), url.Values{"token": {text}})
}

func done(t *testing.T, name string, a gatewaytest.Answer) {
	t.Helper()
	expect.Same(t, name+": status", a.Status, 200)
	expect.Same(t, name+": body", a.Body, "")
}

func refused(t *testing.T, name string, a gatewaytest.Answer) {
	t.Helper()
	if a.Status != 400 {
		t.Errorf("%s: status %d, want 400: %s", name, a.Status, a.Body)
	}
	expect.Same(t, name+": error", a.JSON(t)["error"], "unauthorized_client")
}

func TestRevokedTokenIsRefusedOnTheNextRequestAndItsSiblingsAreNot(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(nil)
	one, two := d.Token(k, "one"), d.Token(k, "two")
	done(t, "the first time", revoke(t, d, k, full, one))
	done(t, "again", revoke(t, d, k, full, one))
	expect.Same(t, "the revoked token is good", d.Good(one), false)
	expect.Same(t, "its sibling is good", d.Good(two), true)
	expect.Same(t, "the key is good", d.Good(full), true)
	limit := &ratelimit.Limit{Category: ratelimit.Read, Max: 5, Window: 24 * time.Hour}
	request := authn.Request{Limit: limit, Now: time.Now()}
	if _, err := d.Authn.Identify(context.Background(), one, request); err == nil {
		t.Error("a limited check lets the token through")
	}
	i, err := d.Authn.Identify(context.Background(), two, request)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "what the revoked token left of its sibling's limit", i.Limit.Remaining, 4)
	done(t, "another, once one is revoked", revoke(t, d, k, full, two))
	entries := d.Actions(k.ID)
	expect.Same(t, "its sibling is good", d.Good(two), false)
	if len(entries) != 3 {
		t.Fatalf("len(entries): %v, want 3", len(entries))
	}
	expect.Same(t, "entries[0].Action", entries[0].Action, audit.TokenRevoked)
	expect.Same(t, "entries[1].Action", entries[1].Action, audit.TokenRevoked)
}

func TestConcurrentRevocationsAllHold(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(nil)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			done(t, "one of ten", revoke(t, d, k, full, d.Token(k, fmt.Sprint(i))))
		})
	}
	wg.Wait()
	for i := range 10 {
		if d.Good(d.Token(k, fmt.Sprint(i))) {
			t.Errorf("token %d is good", i)
		}
	}
}

func TestAKeyForgetsTokensThatHaveExpiredAndIsFullOnlyOfOthers(t *testing.T) {
	d := oauthtest.New(t)
	full := map[string]int64{}
	for i := range apikey.MaxRevokedTokens {
		full[fmt.Sprint(i)] = time.Now().Unix() + 100
	}
	k, secret := d.Key(func(k *apikey.Key) { k.RevokedTokens = full })
	answer := revoke(t, d, k, secret, d.Token(k, "one"))
	if answer.Status != 429 {
		t.Errorf("status %d, want 429: %s", answer.Status, answer.Body)
	}
	if wait := answer.Header["Retry-After"]; wait != "100" && wait != "99" {
		t.Errorf("Retry-After: %q, want 100 or 99", wait)
	}
	full["0"] = time.Now().Unix() - 1
	k, secret = d.Key(func(k *apikey.Key) { k.RevokedTokens = full })
	done(t, "with room", revoke(t, d, k, secret, d.Token(k, "one")))
	expect.Same(t, "the token one is good", d.Good(d.Token(k, "one")), false)
	expect.Same(t, "the token 1 is good", d.Good(d.Token(k, "1")), false)
	expect.Same(t, "the token 0 is good", d.Good(d.Token(k, "0")), true)
}

func TestRevokingAnyTokenOfASessionEndsIt(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(nil)
	for _, kind := range []token.Type{token.Session, token.Access, token.Refresh} {
		ses := d.Session("usr_A")
		done(t, string(kind), revoke(t, d, k, full, d.SessionToken(ses, kind)))
		if d.Good(d.SessionToken(ses, token.Access)) {
			t.Errorf("the session outlived its %s token", kind)
		}
	}
	old := d.Session("usr_A")
	if _, err := d.Store.RotateSession(context.Background(), old.ID, session.Refresh{Lifetime: time.Hour, Family: 24 * time.Hour, Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	done(t, "a rotated refresh token", revoke(t, d, k, full, d.SessionToken(old, token.Refresh)))
	if d.Good(d.SessionToken(old, token.Access)) {
		t.Error("the session outlived a rotated refresh token")
	}
}

func TestTokenForAResourceIsRevokedLikeAnyOther(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(nil)
	done(t, "a token for a resource", revoke(t, d, k, full, d.Token(k, "one", "https://campaigns.example.com")))
	expect.Same(t, "the newest action", d.Actions(k.ID)[0].Action, audit.TokenRevoked)
}

func TestClientMayRevokeItselfAndWithAdminTheKeysOfItsProject(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(nil)
	done(t, "itself", revoke(t, d, k, full, full))
	expect.Same(t, "the key is good", d.Good(full), false)
	expect.Same(t, "the newest action", d.Actions(k.ID)[0].Action, audit.Revoked)
	plain, plainFull := d.Key(nil)
	admin, adminFull := d.Key(func(k *apikey.Key) { k.Scopes = scope.Default().All() })
	refused(t, "another key", revoke(t, d, plain, plainFull, adminFull))
	refused(t, "another client's token", revoke(t, d, plain, plainFull, d.Token(admin, "one")))
	done(t, "with admin", revoke(t, d, admin, adminFull, plainFull))
	expect.Same(t, "the plain key is good", d.Good(plainFull), false)
	expect.Same(t, "the administrator's key is good", d.Good(adminFull), true)
	off, offFull := d.Key(func(k *apikey.Key) { at := time.Now(); k.DisabledAt = &at })
	done(t, "a disabled key, which could be enabled again", revoke(t, d, admin, adminFull, offFull))
	found, err := d.Store.Key(t.Context(), off.ID)
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the disabled key is", found.State(time.Now()), "revoked")
}

func TestNobodyRevokesWhatIsAnothers(t *testing.T) {
	d := oauthtest.New(t)
	admin, adminFull := d.Key(func(k *apikey.Key) { k.Scopes = scope.Default().All() })
	foreign, foreignFull := d.Key(func(k *apikey.Key) { k.Owner, k.Project = "usr_B", "prj_B" })
	_, neighbourFull := d.Key(func(k *apikey.Key) { k.Project = "prj_B" })
	theirs := d.SessionToken(d.Session("usr_B"), token.Access)
	for name, text := range map[string]string{
		"another user's key": foreignFull, "its token": d.Token(foreign, "one"),
		"another project's key": neighbourFull, "another user's session": theirs,
	} {
		refused(t, name, revoke(t, d, admin, adminFull, text))
		if !d.Good(text) {
			t.Errorf("%s is revoked", name)
		}
	}
}

func TestRevokingWhatIsGoodForNothingSucceeds(t *testing.T) {
	d := oauthtest.New(t)
	k, full := d.Key(nil)
	for _, text := range []string{"x", "e30.e30.e30", apikey.New("gf_", apikey.NewID()), apikey.New("gf_", k.ID)} {
		done(t, text, revoke(t, d, k, full, text))
	}
	if !d.Good(full) {
		t.Error("the client is revoked")
	}
	switch answer := revoke(t, d, k, full, ""); {
	case answer.Status != 400:
		t.Errorf("no token: status %d, want 400: %s", answer.Status, answer.Body)
	case answer.JSON(t)["error"] != "invalid_request":
		t.Errorf("no token: error: %v, want invalid_request", answer.JSON(t)["error"])
	}
	switch answer := revoke(t, d, k, apikey.New("gf_", k.ID), full); {
	case answer.Status != 401:
		t.Errorf("no client: status %d, want 401: %s", answer.Status, answer.Body)
	case !d.Good(full):
		t.Error("no client: the key is no longer good")
	}
}
