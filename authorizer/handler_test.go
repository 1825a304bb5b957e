package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/tests/expect"
)

func TestEachBadCredentialHasItsOwnRefusal(t *testing.T) {
	w := newWorld(t, modeFunction)
	good, full := w.key(nil)
	_, expired := w.key(func(k *apikey.Key) { k.ExpiresAt = now.Unix() })
	revoked, revokedText := w.key(nil)
	if _, err := w.store.RevokeKey(ctx, revoked, audit.New(audit.Revoked, audit.Source{Now: now}, time.Hour)); err != nil {
		t.Fatal(err)
	}
	ses, jwt := w.login()
	refresh := w.sign(ses.Claims(token.Refresh, time.Hour))
	old := w.sign(ses.Claims(token.Session, -time.Second))
	gone, goneText := w.login()
	if err := w.store.EndSession(ctx, gone.ID, gone.UserID); err != nil {
		t.Fatal(err)
	}
	mistyped := full[:20] + "_" + full[21:]
	for _, row := range []struct {
		name    string
		request event
		want    string
	}{
		{"good key", get("Authorization: Bearer " + full), ""},
		{"good key in X-Api-Key", get("X-Api-Key: " + full), ""},
		{"names in lower case", get("authorization: bearer " + full), ""},
		{"names in upper case", get("AUTHORIZATION: BEARER " + full), ""},
		{"x-api-key in lower case", get("x-api-key: " + full), ""},
		{"the same twice", get("Authorization: Bearer "+full, "X-Api-Key: "+full), ""},
		{"good token", get("Authorization: Bearer " + jwt), ""},
		{"token of the poll", poll(jwt), ""},
		{"header of the poll", poll("", "X-Api-Key: "+full), ""},
		{"nothing", get(), "MISSING_CREDENTIALS"},
		{"empty", get("Authorization: ", "X-Api-Key: "), "MISSING_CREDENTIALS"},
		{"Bearer alone", get("Authorization: Bearer"), "TOKEN_INVALID"},
		{"an empty Bearer beside a good key", get("Authorization: Bearer ", "X-Api-Key: "+full), "TOKEN_INVALID"},
		{"a blank Bearer beside a good key", get("Authorization: Bearer \u00a0", "X-Api-Key: "+full), "TOKEN_INVALID"},
		{"a blank Authorization beside a good key", get("Authorization: \u00a0", "X-Api-Key: "+full), "TOKEN_INVALID"},
		{"an empty Authorization beside a good key", get("Authorization: ", "X-Api-Key: "+full), ""},
		{"token in the query of another route", tokenElsewhere(jwt), "MISSING_CREDENTIALS"},
		{"Basic", get("Authorization: Basic eDp5"), "TOKEN_INVALID"},
		{"key and token", get("Authorization: Bearer "+jwt, "X-Api-Key: "+full), "MULTIPLE_CREDENTIALS"},
		{"two values of a header", get("Authorization: Bearer "+jwt, "Authorization: Bearer "+full), "MULTIPLE_CREDENTIALS"},
		{"two spellings of a header", get("Authorization: Bearer "+jwt, "authorization: Bearer "+full), "MULTIPLE_CREDENTIALS"},
		{"two spellings of two headers", get("X-API-KEY: "+full, "x-api-key: "+mistyped), "MULTIPLE_CREDENTIALS"},
		{"one header in two cases", get("Authorization: Bearer "+jwt, "authorization: Bearer "+full), "MULTIPLE_CREDENTIALS"},
		{"token and header of the poll", poll(jwt, "X-Api-Key: "+full), "MULTIPLE_CREDENTIALS"},
		{"key in the query of the poll", poll(full), "TOKEN_INVALID"},
		{"client's token in the query of the poll", poll(w.clientToken(good, "read:events")), "TOKEN_INVALID"},
		{"client's token in the header of the poll", poll("", "Authorization: Bearer "+w.clientToken(good, "read:events")), ""},
		{"client's token beside an empty one in the query", poll(" ", "Authorization: Bearer "+w.clientToken(good, "read:events")), ""},
		{"bad checksum", get("X-Api-Key: " + mistyped), "API_KEY_INVALID"},
		{"unknown key", get("X-Api-Key: " + apikey.New("gf_", apikey.NewID())), "API_KEY_INVALID"},
		{"wrong secret", get("X-Api-Key: " + apikey.New("gf_", revoked.ID)), "API_KEY_INVALID"},
		{"wrong secret of a good key", get("X-Api-Key: " + apikey.New("gf_", full[3:19])), "API_KEY_INVALID"},
		{"expired key", get("X-Api-Key: " + expired), "API_KEY_EXPIRED"},
		{"revoked key", get("X-Api-Key: " + revokedText), "API_KEY_REVOKED"},
		{"expired token", get("Authorization: Bearer " + old), "TOKEN_EXPIRED"},
		{"forged token", get("Authorization: Bearer " + jwt[:len(jwt)-4] + "AAAA"), "TOKEN_INVALID"},
		{"refresh token", get("Authorization: Bearer " + refresh), "TOKEN_INVALID"},
		{"token of an ended session", get("Authorization: Bearer " + goneText), "TOKEN_INVALID"},
	} {
		for range 5 { // Go walks maps in another order each time
			if got := w.refusal(row.request); got != row.want {
				t.Errorf("%s: %q, want %q", row.name, got, row.want)
				break
			}
		}
	}
}

func tokenElsewhere(jwt string) event {
	r := get()
	r.MultiValueQueryStringParameters = map[string][]string{"token": {jwt}}
	r.QueryStringParameters = map[string]string{"token": jwt}
	return r
}

func TestEdgeModeLetsNoRefusalThrough(t *testing.T) {
	w := newWorld(t, modeEdge)
	_, full := w.key(func(k *apikey.Key) { k.AllowedIPs = []string{"10.0.0.0/8"} })
	for name, r := range map[string]event{
		"nothing": get(), "bad key": get("X-Api-Key: x"), "bad token": get("Authorization: Bearer a.b.c"),
	} {
		if _, err := w.handle(ctx, r); !errors.Is(err, errUnauthorized) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, r := range map[string]event{
		"another address": get("X-Api-Key: " + full), "two credentials": get("X-Api-Key: "+full, "Authorization: Bearer x"),
	} {
		res, err := w.handle(ctx, r)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		expect.Same(t, name+": effect", res.PolicyDocument.Statement[0].Effect, "Deny")
		if res.Context != nil {
			t.Errorf("%s: res.Context: %v, want none", name, res.Context)
		}
	}
	w.wire.Fail(storetest.Repeat(100, storetest.Timeout)...)
	res, err := w.handle(ctx, get("X-Api-Key: "+full))
	if err == nil {
		t.Errorf("DynamoDB is down, and the answer is %+v", res)
	}
	expect.Same(t, "that a key is refused because DynamoDB is down", errors.Is(err, errUnauthorized), false)
	w.wire.Fail()
}

func TestFunctionModeRefusesWhileDynamoDBIsDown(t *testing.T) {
	w := newWorld(t, modeFunction)
	_, full := w.key(nil)
	w.wire.Fail(storetest.Repeat(100, storetest.Timeout)...)
	if got := w.refusal(get("X-Api-Key: " + full)); got != "SERVICE_UNAVAILABLE" {
		t.Errorf("%q", got)
	}
	w.wire.Fail()
	if got := w.refusal(get("X-Api-Key: " + full)); got != "" {
		t.Errorf("and up again: %q", got)
	}
}

func TestPolicyAndContextAreThePrincipals(t *testing.T) {
	w := newWorld(t, modeFunction)
	w.own = false
	k, full := w.key(nil)
	res, err := w.handle(ctx, get("X-Api-Key: "+full))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		gateway.CtxType: "key", gateway.CtxPrincipal: k.ID, gateway.CtxKey: k.ID, gateway.CtxUser: "usr_A", gateway.CtxProject: "prj_A",
		gateway.CtxRole: "member", gateway.CtxScopes: "read:events read:stats", gateway.CtxLimit: "50", gateway.CtxRemaining: "49", gateway.CtxLimitCategory: "read",
	}
	for name, value := range want {
		if res.Context[name] != value {
			t.Errorf("%s is %v, want %s", name, res.Context[name], value)
		}
	}
	all := strings.Join(res.PolicyDocument.Statement[0].Resource, " ")
	expect.Same(t, "effect", res.PolicyDocument.Statement[0].Effect, "Allow")
	expect.Same(t, "the policy opens abc/prod/GET/api/stats", strings.Contains(all, "abc/prod/GET/api/stats"), true)
	expect.Same(t, "the policy opens POST/api", strings.Contains(all, "POST/api"), false)
	expect.Same(t, "the policy opens api-keys", strings.Contains(all, "api-keys"), false)
	ses, jwt := w.login()
	switch res, err = w.handle(ctx, get("Authorization: Bearer "+jwt)); {
	case err != nil:
		t.Fatal(err)
	case res.Context[gateway.CtxSession] != ses.ID:
		t.Errorf("context's session: %v, want %v", res.Context[gateway.CtxSession], ses.ID)
	case res.Context[gateway.CtxKey] != nil:
		t.Errorf("context's key: %v, want none", res.Context[gateway.CtxKey])
	}
}

func TestClientTokenHoldsNoMoreThanItsKeyAndDiesWithIt(t *testing.T) {
	w := newWorld(t, modeFunction)
	k, _ := w.key(func(k *apikey.Key) { k.Type = apikey.Secret })
	r := get("Authorization: Bearer " + w.clientToken(k, "read:stats write:offers admin"))
	res, err := w.handle(ctx, r)
	if err != nil {
		t.Fatal(err)
	}
	if res.Context[gateway.CtxScopes] != "read:stats" {
		t.Fatalf("context's scopes: %v, want read:stats", res.Context[gateway.CtxScopes])
	}
	if res.Context[gateway.CtxType] != "client" {
		t.Fatalf("context's type: %v, want client", res.Context[gateway.CtxType])
	}
	if all := strings.Join(res.PolicyDocument.Statement[0].Resource, " "); strings.Contains(all, "api-keys") {
		t.Errorf("a token opens what only the key may: %s", all)
	}
	if _, err := w.store.RevokeKey(ctx, k, audit.New(audit.Revoked, audit.Source{Now: now}, time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := w.refusal(r); got != "API_KEY_REVOKED" {
		t.Errorf("after its key was revoked: %q", got)
	}
}

func TestKeyIsTakenFromItsAddressesOnly(t *testing.T) {
	for _, row := range []struct {
		allowed, address string
		want             string
	}{
		{"192.0.2.0/24", "192.0.2.7", ""},
		{"192.0.2.0/24", "::ffff:192.0.2.7", ""},
		{"2001:db8::/32", "2001:db8::1", ""},
		{"192.0.2.0/24", "192.0.3.7", "FORBIDDEN"},
		{"192.0.2.0/24", "2001:db8::1", "FORBIDDEN"},
		{"192.0.2.0/24", "", "FORBIDDEN"},
		{"nonsense", "192.0.2.7", "FORBIDDEN"},
	} {
		w := newWorld(t, modeFunction)
		_, full := w.key(func(k *apikey.Key) { k.AllowedIPs = []string{row.allowed} })
		r := get("X-Api-Key: " + full)
		r.RequestContext.Identity.SourceIP = row.address
		if got := w.refusal(r); got != row.want {
			t.Errorf("%s from %q: %q", row.allowed, row.address, got)
		}
	}
}

func TestNoCredentialReachesTheLog(t *testing.T) {
	w := newWorld(t, modeFunction)
	_, full := w.key(nil)
	_, jwt := w.login()
	text := w.printed(func() {
		for _, r := range []event{
			get("X-Api-Key: " + full), get("Authorization: Bearer " + jwt), poll(jwt), poll(full), get("X-Api-Key: " + full + "x"),
			get("X-Api-Key: "+full, "Authorization: Bearer "+jwt), get("Authorization: Basic " + full), get("Authorization: Bearer " + jwt + "x"),
		} {
			w.refusal(r)
		}
		w.wire.Fail(storetest.Repeat(3, storetest.Timeout)...)
		w.refusal(get("X-Api-Key: " + full))
	})
	expect.Same(t, "the log has the key's secret", strings.Contains(text, full[3+16:]), false)
	expect.Same(t, "the log has the token's signature", strings.Contains(text, jwt[len(jwt)-20:]), false)
	expect.Same(t, "the log has the verification", strings.Contains(text, "verification"), true)
}
