package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/session"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/store/storetest"
	"github.com/latchkey/latchkey/shared/token"
	"github.com/latchkey/latchkey/shared/user"
)

// A world is a table, and what makes credentials that an authorizer over it accepts.
type world struct {
	t      *testing.T
	store  *store.Store
	pepper *secret.Source
	tokens *token.Authority
}

func newWorld(t *testing.T) world {
	t.Helper()
	source := func() *secret.Source {
		return secret.NewSource(func(context.Context) (string, error) {
			return `{"current":"1","1":"` + strings.Repeat("s", 64) + `"}`, nil
		}, time.Now)
	}
	tokens, err := token.NewAuthority("https://latchkey.test", "latchkey", source(), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return world{t, storetest.New(t), source(), tokens}
}

func (w world) authorizer(s settings) *authorizer {
	return &authorizer{
		settings: s, authn: authn.New(w.store, w.tokens, w.pepper),
		limits: ratelimit.Limits{Window: time.Minute},
		uses:   audit.NewRecorder(w.store, 24*time.Hour), now: time.Now,
	}
}

// key makes an API key with these scopes, changed by change.
func (w world) key(scopes string, change func(*apikey.Key)) string {
	w.t.Helper()
	k := apikey.Key{
		ID: apikey.NewID(), Prefix: "gf_", Type: apikey.Scoped, Generation: 1, CreatedAt: time.Now(),
		Owner: "usr_AAAAAAAAAAAAAAAAAAAAAAAAAA", OwnerEmail: "a@example.com", Project: "prj_AAAAAAAAAAAAAAAAAAAAAAAAAA",
		Scopes: scope.Default().FromString(scopes),
	}
	if change != nil {
		change(&k)
	}
	full := apikey.New(k.Prefix, k.ID)
	ring, err := w.pepper.Ring(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	k.Hash, k.Masked = ring.MAC(full), apikey.Mask(full)
	entry := audit.New(audit.Created, audit.Source{Now: time.Now()}, time.Hour)
	if err := w.store.CreateKey(w.t.Context(), k, entry); err != nil {
		w.t.Fatal(err)
	}
	return full
}

func (w world) session() (user.User, string) {
	w.t.Helper()
	u := user.New("b@example.com", user.Member, time.Now())
	ses := session.New(u, time.Hour, "192.0.2.7", "test", time.Now())
	if err := w.store.CreateSession(w.t.Context(), ses); err != nil {
		w.t.Fatal(err)
	}
	signed, err := w.tokens.Sign(w.t.Context(), ses.Claims(token.Session, time.Hour))
	if err != nil {
		w.t.Fatal(err)
	}
	return u, signed
}

// Each of the three events as API Gateway documents it, with a credential as bearer.
type eventOf func(method, path, credential string) json.RawMessage

func restEvent(method, path, credential string) json.RawMessage {
	return text(`{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/%[1]s%[2]s",
		"resource":"/api/campaigns/{id}","path":"/mapped%[2]s","httpMethod":%[1]q,
		"headers":{"authorization":"Bearer %[3]s"},"multiValueHeaders":{"authorization":["Bearer %[3]s"]},
		"queryStringParameters":{"token":"x"},"multiValueQueryStringParameters":{"token":["x"]},
		"requestContext":{"requestId":"r-1","identity":{"sourceIp":"192.0.2.7"}}}`, method, path, credential)
}

func tokenEvent(method, path, credential string) json.RawMessage {
	return text(`{"type":"TOKEN","authorizationToken":"Bearer %[3]s",
		"methodArn":"arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/%[1]s%[2]s"}`, method, path, credential)
}

func httpEvent(method, path, credential string) json.RawMessage {
	return text(`{"version":"2.0","type":"REQUEST","routeKey":"ANY /api/campaigns/{proxy+}","rawPath":"/prod%[2]s",
		"routeArn":"arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/%[1]s%[2]s",
		"identitySource":["Bearer %[3]s"],"headers":{"authorization":"Bearer %[3]s"},
		"requestContext":{"requestId":"r-2","http":{"method":%[1]q,"path":%[2]q,"sourceIp":"192.0.2.7","userAgent":"test"}}}`, method, path, credential)
}

func text(format string, args ...any) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(format, args...))
}

var everyEvent = map[string]eventOf{"REST REQUEST": restEvent, "REST TOKEN": tokenEvent, "HTTP API": httpEvent}

func policyOf(t *testing.T, answer any) string {
	t.Helper()
	policy, err := json.Marshal(answer.(events.APIGatewayCustomAuthorizerResponse).PolicyDocument)
	if err != nil {
		t.Fatal(err)
	}
	return string(policy)
}

func TestEveryKindOfEventGivesTheSamePolicyAndContext(t *testing.T) {
	w := newWorld(t)
	key := w.key("read:campaigns", nil)
	a := w.authorizer(settings{mode: modeEdge})
	var first string
	for name, event := range everyEvent {
		answer, err := a.handle(t.Context(), event("GET", "/api/campaigns/7", key))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		text, err := json.Marshal(answer)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(text)
		}
		if string(text) != first || !strings.Contains(first, `"arn:aws:execute-api:*:*:abc123/prod/GET/api/campaigns/*"`) {
			t.Errorf("%s: got %s, another gave %s", name, text, first)
		}
	}
}

func TestARefusedCredentialReachesNothingAtTheEdge(t *testing.T) {
	w := newWorld(t)
	unknown := apikey.New("gf_", apikey.NewID())
	a := w.authorizer(settings{mode: modeEdge})
	for name, event := range everyEvent {
		answer, err := a.handle(t.Context(), event("GET", "/api/campaigns", unknown))
		if name != "HTTP API" {
			if !errors.Is(err, errUnauthorized) {
				t.Errorf("%s: got %v, %v; want API Gateway's 401", name, answer, err)
			}
			continue
		}
		if err != nil || !strings.Contains(policyOf(t, answer), `"Deny"`) || strings.Contains(policyOf(t, answer), `"Allow"`) {
			t.Errorf("%s: got %v, %v; want a denial", name, answer, err)
		}
	}
}

func TestASimpleResponseDecidesThisRequest(t *testing.T) {
	w := newWorld(t)
	key := w.key("read:campaigns", nil)
	a := w.authorizer(settings{mode: modeEdge, simple: true})
	for _, tt := range []struct {
		method, path, credential string
		want                     bool
	}{
		{"GET", "/api/campaigns", key, true},
		{"GET", "/api/campaigns/7", key, true},
		{"POST", "/api/campaigns", key, false},
		{"GET", "/api/billing", key, false},
		{"GET", "/api/campaigns/../billing", key, false},
		{"GET", "/api/campaigns", apikey.New("gf_", apikey.NewID()), false},
		{"GET", "/api/campaigns", "", false},
		{"GET", "/api/campaigns", key + ",Bearer " + key, false},
	} {
		answer, err := a.handle(t.Context(), httpEvent(tt.method, tt.path, tt.credential))
		if err != nil {
			t.Fatal(err)
		}
		got := answer.(events.APIGatewayV2CustomAuthorizerSimpleResponse)
		if got.IsAuthorized != tt.want {
			t.Errorf("%s %s: got %v", tt.method, tt.path, got.IsAuthorized)
		}
		if tt.want && got.Context[gateway.CtxProject] != "prj_AAAAAAAAAAAAAAAAAAAAAAAAAA" {
			t.Errorf("the context is %v", got.Context)
		}
	}
}

func TestLatchkeysOwnRoutesDoNotOpenOnOtherPeoplesAPIs(t *testing.T) {
	w := newWorld(t)
	_, token := w.session()
	for _, mode := range []string{modeEdge, modeFunction} {
		answer, err := w.authorizer(settings{mode: mode}).handle(t.Context(), restEvent("POST", "/v1/projects", token))
		if err != nil {
			t.Fatal(err)
		}
		if got := policyOf(t, answer); strings.Contains(got, "/v1/projects") || strings.Contains(got, "/v1/auth/me") {
			t.Errorf("mode %s: %s", mode, got)
		}
	}
	answer, err := w.authorizer(settings{mode: modeFunction, own: true}).handle(t.Context(), restEvent("POST", "/v1/projects", token))
	if err != nil || !strings.Contains(policyOf(t, answer), "/POST/v1/projects") {
		t.Errorf("on Latchkey's own: %v, %v", answer, err)
	}
}

func TestATokenInTheQueryIsTakenOnLatchkeysOwnPollOnly(t *testing.T) {
	w := newWorld(t)
	_, token := w.session()
	poll := func(resource string) json.RawMessage {
		return text(`{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/v1/runs/7/events/stream",
			"resource":%q,"httpMethod":"GET","queryStringParameters":{"token":%q}}`, resource, token)
	}
	if _, err := w.authorizer(settings{mode: modeEdge, own: true}).handle(t.Context(), poll(pollResource)); err != nil {
		t.Errorf("on the poll: %v", err)
	}
	if _, err := w.authorizer(settings{mode: modeEdge, own: true}).handle(t.Context(), poll("/v1/runs/{id}/events")); !errors.Is(err, errUnauthorized) {
		t.Errorf("on another route: %v", err)
	}
	if _, err := w.authorizer(settings{mode: modeEdge}).handle(t.Context(), poll(pollResource)); !errors.Is(err, errUnauthorized) {
		t.Errorf("on somebody else's API: %v", err)
	}
}

func TestAKeyWithAnAddressListIsRefusedWhereNoAddressIsTold(t *testing.T) {
	w := newWorld(t)
	key := w.key("read:campaigns", func(k *apikey.Key) { k.AllowedIPs = []string{"192.0.2.0/24"} })
	a := w.authorizer(settings{mode: modeEdge})
	for name, event := range everyEvent {
		answer, err := a.handle(t.Context(), event("GET", "/api/campaigns", key))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if allowed := strings.Contains(policyOf(t, answer), `"Allow"`); allowed != (name != "REST TOKEN") {
			t.Errorf("%s: got %s", name, policyOf(t, answer))
		}
	}
}

func TestATokenAuthorizerTakesTheBareKeyOfXAPIKey(t *testing.T) {
	w := newWorld(t)
	key := w.key("read:campaigns", nil)
	event := text(`{"type":"TOKEN","authorizationToken":%q,"methodArn":"arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/"}`, key)
	answer, err := w.authorizer(settings{mode: modeEdge}).handle(t.Context(), event)
	if err != nil || !strings.Contains(policyOf(t, answer), `"Allow"`) {
		t.Errorf("got %v, %v", answer, err)
	}
}

func TestWhatIsNoEventOfAnAuthorizerIsAnError(t *testing.T) {
	a := newWorld(t).authorizer(settings{mode: modeEdge})
	for _, event := range []string{
		`{}`, `[]`, `{"type":"WEBSOCKET"}`, `{"type":"REQUEST"}`, `{"type":"TOKEN","methodArn":"arn:aws:s3:::x"}`,
		`{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/$connect"}`,
		`{"version":"2.0","routeArn":7}`,
	} {
		if answer, err := a.handle(t.Context(), json.RawMessage(event)); err == nil {
			t.Errorf("%s: got %v", event, answer)
		}
	}
}

func TestAUserSpeaksForTheirDefaultProject(t *testing.T) {
	w := newWorld(t)
	u, token := w.session()
	answer, err := w.authorizer(settings{mode: modeEdge}).handle(t.Context(), restEvent("GET", "/api/campaigns", token))
	if err != nil {
		t.Fatal(err)
	}
	got := answer.(events.APIGatewayCustomAuthorizerResponse).Context[gateway.CtxProject]
	if got != user.DefaultProject(u.ID) {
		t.Errorf("got %q", got)
	}
}

func TestAnAuthorizerDoesNotStartWithASettingThatIsNone(t *testing.T) {
	for _, name := range []string{"MODE", "GUARDS", "HTTP_API_RESPONSE"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "else")
			if _, err := fromEnv(); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("got %v", err)
			}
		})
	}
}
