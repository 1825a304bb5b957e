package main

import (
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
)

const streamArn = "abc/prod/GET/v1/runs/run_1/events/stream"

// ticket signs a ticket for run_1 with what its maker puts into it.
func (w *world) ticket(c token.Claims) string {
	w.t.Helper()
	c.RegisteredClaims = jwt.RegisteredClaims{
		Subject: c.ID, ID: "a ticket", IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(time.Minute)),
	}
	c.Type, c.Run, c.Scope = token.Ticket, "run_1", "read:events"
	return w.sign(c)
}

// makers are the three that can make a ticket, each with the ticket, what ends its maker, and
// the refusal from then on.
type maker struct {
	name, ticket, refusal string
	end                   func() error
}

func (w *world) makers() []maker {
	w.t.Helper()
	source := audit.Source{Now: now}
	ses, _ := w.login()
	revoked, _ := w.key(nil)
	deleted, _ := w.key(nil)
	regenerated, _ := w.key(nil)
	client, _ := w.key(nil)
	clientToken := token.Claims{RegisteredClaims: jwt.RegisteredClaims{Subject: client.ID, ID: "jti", ExpiresAt: jwt.NewNumericDate(now.Add(time.Hour))}}
	ofKey := func(k apikey.Key) token.Claims {
		return token.Claims{ID: k.ID, ClientID: k.ID, Generation: k.Generation}
	}
	made := ofKey(client)
	made.Maker = "jti"
	return []maker{
		{"a session that ends", w.ticket(token.Claims{ID: ses.UserID, SessionID: ses.ID}), "TOKEN_INVALID", func() error {
			return w.store.EndSession(ctx, ses.ID, ses.UserID)
		}},
		{"a key that is revoked", w.ticket(ofKey(revoked)), "API_KEY_REVOKED", func() error {
			_, err := w.store.RevokeKey(ctx, revoked, audit.New(audit.Revoked, source, time.Hour))
			return err
		}},
		{"a key that is deleted", w.ticket(ofKey(deleted)), "TOKEN_INVALID", func() error {
			return w.store.DeleteKey(ctx, deleted, audit.New(audit.Deleted, source, time.Hour))
		}},
		{"a key that is regenerated", w.ticket(ofKey(regenerated)), "TOKEN_INVALID", func() error {
			_, err := w.store.RegenerateKey(ctx, regenerated, "another hash", 0, audit.New(audit.Regenerated, source, time.Hour))
			return err
		}},
		{"a client's token that is revoked", w.ticket(made), "TOKEN_INVALID", func() error {
			return w.store.RevokeToken(ctx, clientToken, audit.New(audit.TokenRevoked, source, time.Hour))
		}},
	}
}

func TestTicketEndsWithItsMakerOnTheNextRequest(t *testing.T) {
	w := newWorld(t, modeFunction)
	for _, m := range w.makers() {
		if got := w.refusal(poll(m.ticket)); got != "" {
			t.Errorf("%s: before its end the ticket is refused: %s", m.name, got)
		}
		if err := m.end(); err != nil {
			t.Fatal(err)
		}
		if got := w.refusal(poll(m.ticket)); got != m.refusal {
			t.Errorf("%s: after its end the refusal is %q, want %q", m.name, got, m.refusal)
		}
	}
}

func TestTicketOpensTheEventsOfItsRunAndNothingElse(t *testing.T) {
	w := newWorld(t, modeFunction)
	for _, m := range w.makers() {
		res, err := w.handle(ctx, poll(m.ticket))
		if err != nil {
			t.Fatal(err)
		}
		allow := res.PolicyDocument.Statement[0]
		expect.Same(t, m.name+": effect", allow.Effect, "Allow")
		if len(allow.Resource) != 1 {
			t.Fatalf("%s: len(allow.Resource): %v, want 1", m.name, len(allow.Resource))
		}
		expect.Same(t, m.name+": it opens the stream", strings.HasSuffix(allow.Resource[0], ":"+streamArn), true)
		expect.Same(t, m.name+": context's type", res.Context[gateway.CtxType], "ticket")
		expect.Same(t, m.name+": context's run", res.Context[gateway.CtxRun], "run_1")
		expect.Same(t, m.name+": context's scopes", res.Context[gateway.CtxScopes], "read:events")
		for _, name := range []string{gateway.CtxSession, gateway.CtxKey, gateway.CtxKeyType} {
			if res.Context[name] != nil {
				t.Errorf("%s: the context has %s", m.name, name)
			}
		}
	}
}

func TestTicketIsTakenFromTheQueryOfThePollOnly(t *testing.T) {
	w := newWorld(t, modeFunction)
	for _, m := range w.makers() {
		for name, row := range map[string]struct {
			request event
			want    string
		}{
			"as a bearer's":                {get("Authorization: Bearer " + m.ticket), "TOKEN_INVALID"},
			"in X-Api-Key":                 {get("X-Api-Key: " + m.ticket), "TOKEN_INVALID"},
			"in the header of the poll":    {poll("", "Authorization: Bearer "+m.ticket), "TOKEN_INVALID"},
			"in the query of another path": {tokenElsewhere(m.ticket), "MISSING_CREDENTIALS"},
		} {
			if got := w.refusal(row.request); got != row.want {
				t.Errorf("%s, %s: %q, want %q", m.name, name, got, row.want)
			}
		}
	}
	w.own = false // somebody else's API, which has a path of the same name
	if got := w.refusal(poll(w.makers()[0].ticket)); got != "MISSING_CREDENTIALS" {
		t.Errorf("on another API: %q", got)
	}
}

func TestTicketCostsOneCallAndCountsOnItsMaker(t *testing.T) {
	w := newWorld(t, modeFunction)
	k, full := w.key(func(k *apikey.Key) { k.Read = 3 })
	ticket := w.ticket(token.Claims{ID: k.ID, ClientID: k.ID, Generation: 1})
	w.refusal(poll(ticket)) // the first use of a route in a process and an hour is recorded at once
	w.wire.Calls()
	if got := w.refusal(poll(ticket)); got != "" {
		t.Fatal(got)
	}
	calls := w.wire.Calls()
	if len(calls) != 1 {
		t.Fatalf("len(calls): %v, want 1", len(calls))
	}
	expect.Same(t, "the call", calls[0], "UpdateItem")
	if got := w.refusal(get("X-Api-Key: " + full)); got != "" {
		t.Errorf("the key's own third request: %q", got)
	}
	if got := w.refusal(poll(ticket)); got != "RATE_LIMIT_EXCEEDED" {
		t.Errorf("the ticket beyond its maker's limit: %q", got)
	}
}

func TestTicketIsNoMoreThanItsMaker(t *testing.T) {
	w := newWorld(t, modeFunction)
	elsewhere, _ := w.key(func(k *apikey.Key) { k.AllowedIPs = []string{"10.0.0.0/8"} })
	if got := w.refusal(poll(w.ticket(token.Claims{ID: elsewhere.ID, ClientID: elsewhere.ID, Generation: 1}))); got != "FORBIDDEN" {
		t.Errorf("from an address that its maker's key does not allow: %q", got)
	}
	blind, _ := w.key(func(k *apikey.Key) { k.Scopes = []string{"read:stats"} })
	res, err := w.handle(ctx, poll(w.ticket(token.Claims{ID: blind.ID, ClientID: blind.ID, Generation: 1})))
	if err != nil {
		t.Fatal(err)
	}
	expect.Same(t, "the effect for a key that may not read events", res.PolicyDocument.Statement[0].Effect, "Deny")
	good, _ := w.key(nil)
	ticket := w.ticket(token.Claims{ID: good.ID, ClientID: good.ID, Generation: 1})
	w.now = now.Add(time.Minute)
	if got := w.refusal(poll(ticket)); got != "TOKEN_EXPIRED" {
		t.Errorf("after a minute: %q", got)
	}
}
