package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/policy"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

var (
	ctx = context.Background()
	now = time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
)

// world is an authorizer over a table of its own, with a clock that the test sets.
type world struct {
	*authorizer
	t      testing.TB
	store  *store.Store
	wire   *storetest.Wire
	tokens *token.Authority
	ring   secret.Ring
	now    time.Time
}

func newWorld(t *testing.T, mode string) *world {
	t.Helper()
	s, wire := storetest.Wired(t)
	w := worldOver(t, s, mode)
	w.wire = wire
	return w
}

func worldOver(t testing.TB, s *store.Store, mode string) *world {
	t.Helper()
	w := &world{t: t, now: now, store: s}
	clock := func() time.Time { return w.now }
	text := `{"current":"1","1":"` + strings.Repeat("s", 32) + `"}`
	source := secret.NewSource(func(context.Context) (string, error) { return text, nil }, clock)
	var err error
	if w.ring, err = secret.ParseRing(text); err != nil {
		t.Fatal(err)
	}
	if w.tokens, err = token.NewAuthority("us", "them", source, clock); err != nil {
		t.Fatal(err)
	}
	limits := ratelimit.Limits{Window: time.Minute, Max: map[ratelimit.Category]int{
		ratelimit.Read: 50, ratelimit.Write: 50, ratelimit.Auth: 30,
	}}
	w.authorizer = &authorizer{
		settings: settings{mode: mode, own: mode == modeFunction}, limits: limits, now: clock,
		authn:    authn.New(w.store, w.tokens, source, limits.For(ratelimit.Auth)),
		policies: policy.NewCache(),
	}
	return w
}

type event = events.APIGatewayCustomAuthorizerRequestTypeRequest

// handle is invoke for a REST API's event.
func (w *world) handle(ctx context.Context, e event) (events.APIGatewayCustomAuthorizerResponse, error) {
	w.t.Helper()
	e.Type = "REQUEST"
	text, err := json.Marshal(e)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.invoke(text)
}

// invoke sends an event, and reads an answer that has a policy.
func (w *world) invoke(event []byte) (events.APIGatewayCustomAuthorizerResponse, error) {
	w.t.Helper()
	var answer events.APIGatewayCustomAuthorizerResponse
	text, err := w.Invoke(ctx, event)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		w.t.Fatalf("the answer is not JSON: %v", err)
	}
	return answer, nil
}

// key makes a key, and the text that a caller has of it.
func (w *world) key(change func(*apikey.Key)) (apikey.Key, string) {
	w.t.Helper()
	k := apikey.Key{
		ID: apikey.NewID(), Label: "test", Type: apikey.Scoped, Owner: "usr_A", Project: "prj_A",
		Scopes: []string{"read:events", "read:stats"}, Generation: 1, CreatedAt: now,
	}
	if change != nil {
		change(&k)
	}
	full := apikey.New("gf_", k.ID)
	k.Hash = w.ring.MAC(full)
	if err := w.store.CreateKey(ctx, k, audit.New(audit.Created, audit.Source{Now: now}, time.Hour)); err != nil {
		w.t.Fatal(err)
	}
	return k, full
}

func (w *world) login() (session.Session, string) {
	w.t.Helper()
	ses := session.New(user.New("a@example.com", user.Member, now), time.Hour, "192.0.2.7", "test", now)
	if err := w.store.CreateSession(ctx, ses, storetest.Entry(audit.SignedIn)); err != nil {
		w.t.Fatal(err)
	}
	return ses, w.sign(ses.Claims(token.Session, time.Hour))
}

func (w *world) sign(c token.Claims) string {
	w.t.Helper()
	raw, err := w.tokens.Sign(ctx, c)
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

func (w *world) clientToken(k apikey.Key, scopes string) string {
	return w.sign(w.clientClaims(k, scopes))
}

func (w *world) clientClaims(k apikey.Key, scopes string) token.Claims {
	c := token.Claims{Type: token.Client, Scope: scopes, Generation: k.Generation, ClientID: k.ID}
	ses := session.Session{ID: "x", RotatedAt: now.UnixMilli(), ExpiresAt: now.Add(time.Hour).Unix()}
	c.RegisteredClaims = ses.Claims(token.Client, time.Hour).RegisteredClaims
	c.Subject = k.ID
	return c
}

// get is a GET of /api/stats with these headers, each "Name: value".
func get(headers ...string) event {
	r := event{
		HTTPMethod: "GET", Resource: "/api/stats", Path: "/api/stats",
		MethodArn:         "arn:aws:execute-api:eu-west-1:1:abc/prod/GET/api/stats",
		MultiValueHeaders: map[string][]string{},
	}
	r.RequestContext.RequestID = "test-request"
	r.RequestContext.Identity.SourceIP = "192.0.2.7"
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.MultiValueHeaders[name] = append(r.MultiValueHeaders[name], value)
	}
	return r
}

func poll(query string, headers ...string) event {
	r := get(headers...)
	r.Resource, r.Path = pollResource, "/v1/runs/run_1/events/stream"
	r.MultiValueQueryStringParameters = map[string][]string{"token": {query}}
	return r
}

// refusal is the code that the authorizer leaves for the function, "" for a principal.
func (w *world) refusal(r event) string {
	w.t.Helper()
	res, err := w.handle(ctx, r)
	if err != nil {
		w.t.Fatal(err)
	}
	code, _ := res.Context[gateway.CtxRefusal].(string)
	if (code == "") != (res.Context[gateway.CtxPrincipal] != nil) {
		w.t.Errorf("a refusal with a principal, or neither: %v", res.Context)
	}
	return code
}
