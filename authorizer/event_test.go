package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/policy"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/user"
	"github.com/latchkey/latchkey/tests/expect"
)

func readsCampaigns(k *apikey.Key) { k.Scopes = []string{"read:campaigns"} }

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

func policyOf(t *testing.T, answer events.APIGatewayCustomAuthorizerResponse) string {
	t.Helper()
	policy, err := json.Marshal(answer.PolicyDocument)
	if err != nil {
		t.Fatal(err)
	}
	return string(policy)
}

func TestEveryKindOfEventGivesTheSamePolicyAndContext(t *testing.T) {
	w := newWorld(t, modeEdge)
	w.limits = ratelimit.Limits{} // what is left of one would differ
	_, key := w.key(readsCampaigns)
	var first string
	for name, event := range everyEvent {
		answer, err := w.invoke(event("GET", "/api/campaigns/7", key))
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
		expect.Same(t, name+": policy and context", string(text), first)
		expect.Same(t, name+": the policy opens the campaigns", strings.Contains(first, `"arn:aws:execute-api:*:*:abc123/prod/GET/api/campaigns/*"`), true)
	}
}

func TestARefusedCredentialReachesNothingAtTheEdge(t *testing.T) {
	w := newWorld(t, modeEdge)
	unknown := apikey.New("gf_", apikey.NewID())
	for name, event := range everyEvent {
		answer, err := w.invoke(event("GET", "/api/campaigns", unknown))
		if name != "HTTP API" {
			if !errors.Is(err, errUnauthorized) {
				t.Errorf("%s: got %v, %v; want API Gateway's 401", name, answer, err)
			}
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		expect.Same(t, name+": the policy denies", strings.Contains(policyOf(t, answer), `"Deny"`), true)
		expect.Same(t, name+": the policy allows", strings.Contains(policyOf(t, answer), `"Allow"`), false)
	}
}

func TestASimpleResponseDecidesThisRequest(t *testing.T) {
	w := newWorld(t, modeEdge)
	w.simple = true
	_, key := w.key(readsCampaigns)
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
		answer, err := w.Invoke(ctx, httpEvent(tt.method, tt.path, tt.credential))
		if err != nil {
			t.Fatal(err)
		}
		var got events.APIGatewayV2CustomAuthorizerSimpleResponse
		if err := json.Unmarshal(answer, &got); err != nil {
			t.Fatal(err)
		}
		if got.IsAuthorized != tt.want {
			t.Errorf("%s %s: got %v", tt.method, tt.path, got.IsAuthorized)
		}
		if tt.want && got.Context[gateway.CtxProject] != "prj_A" {
			t.Errorf("the context is %v", got.Context)
		}
	}
}

func TestLatchkeysOwnRoutesDoNotOpenOnOtherPeoplesAPIs(t *testing.T) {
	w := newWorld(t, modeEdge)
	_, token := w.login()
	for _, w.settings = range []settings{{mode: modeEdge}, {mode: modeFunction}} {
		answer, err := w.invoke(restEvent("POST", "/v1/projects", token))
		if err != nil {
			t.Fatal(err)
		}
		got := policyOf(t, answer)
		if strings.Contains(got, "/v1/projects") {
			t.Errorf("mode %s: the policy opens /v1/projects: %s", w.mode, got)
		}
		if strings.Contains(got, "/v1/auth/me") {
			t.Errorf("mode %s: the policy opens /v1/auth/me: %s", w.mode, got)
		}
	}
	w.settings = settings{mode: modeFunction, own: true}
	answer, err := w.invoke(restEvent("POST", "/v1/projects", token))
	if err != nil {
		t.Fatal(err)
	}
	if got := policyOf(t, answer); !strings.Contains(got, "/POST/v1/projects") {
		t.Errorf("on Latchkey's own API the policy does not open POST /v1/projects: %s", got)
	}
}

func TestATokenInTheQueryIsTakenOnLatchkeysOwnPollOnly(t *testing.T) {
	w := newWorld(t, modeEdge)
	_, jwt := w.login()
	w.own = true
	if _, err := w.handle(ctx, poll(jwt)); err != nil {
		t.Errorf("on the poll: %v", err)
	}
	if _, err := w.handle(ctx, tokenElsewhere(jwt)); !errors.Is(err, errUnauthorized) {
		t.Errorf("on another route: %v", err)
	}
	w.own = false
	if _, err := w.handle(ctx, poll(jwt)); !errors.Is(err, errUnauthorized) {
		t.Errorf("on somebody else's API: %v", err)
	}
}

func TestAKeyWithAnAddressListIsRefusedWhereNoAddressIsTold(t *testing.T) {
	w := newWorld(t, modeEdge)
	_, key := w.key(func(k *apikey.Key) { k.AllowedIPs = []string{"192.0.2.0/24"} })
	for name, event := range everyEvent {
		answer, err := w.invoke(event("GET", "/api/campaigns", key))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if allowed := strings.Contains(policyOf(t, answer), `"Allow"`); allowed != (name != "REST TOKEN") {
			t.Errorf("%s: got %s", name, policyOf(t, answer))
		}
	}
}

func TestATokenAuthorizerTakesTheBareKeyOfXAPIKey(t *testing.T) {
	w := newWorld(t, modeEdge)
	_, key := w.key(readsCampaigns)
	event := text(`{"type":"TOKEN","authorizationToken":%q,"methodArn":"arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/GET/"}`, key)
	answer, err := w.invoke(event)
	if err != nil {
		t.Fatal(err)
	}
	if got := policyOf(t, answer); !strings.Contains(got, `"Allow"`) {
		t.Errorf("the policy allows nothing: %s", got)
	}
}

func TestWhatIsNoEventOfAnAuthorizerIsAnError(t *testing.T) {
	w := newWorld(t, modeEdge)
	for _, event := range []string{
		`{}`, `[]`, `{"type":"WEBSOCKET"}`, `{"type":"REQUEST"}`, `{"type":"TOKEN","methodArn":"arn:aws:s3:::x"}`,
		`{"type":"REQUEST","methodArn":"arn:aws:execute-api:eu-west-1:123456789012:abc123/prod/$connect"}`,
		`{"version":"2.0","routeArn":7}`,
	} {
		if answer, err := w.invoke([]byte(event)); err == nil {
			t.Errorf("%s: got %v", event, answer)
		}
	}
}

func TestAUserSpeaksForTheirDefaultProject(t *testing.T) {
	w := newWorld(t, modeEdge)
	ses, token := w.login()
	answer, err := w.invoke(restEvent("GET", "/api/campaigns", token))
	if err != nil {
		t.Fatal(err)
	}
	got := answer.Context[gateway.CtxProject]
	if got != user.DefaultProject(ses.UserID) {
		t.Errorf("got %q", got)
	}
}

func TestAnAuthorizerDoesNotStartWithASettingThatIsNone(t *testing.T) {
	t.Setenv("MODE", modeEdge)
	for _, name := range []string{"MODE", "GUARDS", "HTTP_API_RESPONSE"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "else")
			if _, err := env.Build(authorizerFromEnv)(); err == nil || !strings.Contains(err.Error(), name) {
				t.Errorf("got %v, want an error that names %s", err, name)
			}
		})
	}
}

func TestPrincipalsInTurnsEachGetTheirOwnPolicy(t *testing.T) {
	w := newWorld(t, modeFunction)
	w.limits = ratelimit.Limits{} // what is left of one would differ
	_, key := w.key(readsCampaigns)
	_, other := w.key(nil)
	_, all := w.key(func(k *apikey.Key) {
		k.Type, k.Scopes, k.Project = apikey.Secret, scope.Default().AllButAdmin(), "prj_B"
	})
	_, jwt := w.login()
	ask := func(event json.RawMessage) string {
		text, err := w.Invoke(ctx, event)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	var events []json.RawMessage
	var alone []string
	for _, credential := range []string{key, other, all, jwt} {
		for _, event := range []eventOf{restEvent, httpEvent} {
			w.policies = policy.NewCache()
			events = append(events, event("GET", "/api/campaigns", credential))
			alone = append(alone, ask(events[len(events)-1]))
		}
	}
	for range 3 {
		for i, event := range events {
			expect.Same(t, fmt.Sprintf("answer %d", i), ask(event), alone[i])
		}
	}
}
