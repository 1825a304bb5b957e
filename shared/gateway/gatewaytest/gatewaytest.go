// Package gatewaytest calls a gateway.Function as API Gateway would: with an event, which has the
// authorizer's context if the route is protected.
package gatewaytest

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/user"
)

// A Call is one request. Zero fields are left out of the event.
type Call struct {
	Method, Resource string            // GET, /v1/runs/{id}
	Path             map[string]string // path parameters
	Query            map[string]string
	Header           map[string]string
	Body             string
	Authorizer       map[string]any // see User, Key and Refused
	Address          string         // of the caller; "" for 192.0.2.7
}

// An Answer is the response that the caller gets.
type Answer struct {
	Status int
	Header map[string]string
	Body   string
}

// JSON reads the body.
func (a Answer) JSON(t testing.TB) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(a.Body), &m); err != nil {
		t.Fatalf("the body is no JSON object: %v\n%s", err, a.Body)
	}
	return m
}

// Code returns the body's error_code, or "".
func (a Answer) Code(t testing.TB) string {
	t.Helper()
	code, _ := a.JSON(t)["error_code"].(string)
	return code
}

// Do invokes f. A Lambda error, which API Gateway would show as a 502, fails the test.
func Do(t testing.TB, f gateway.Function, c Call) Answer {
	t.Helper()
	res, err := f(context.Background(), events.APIGatewayProxyRequest{
		HTTPMethod: c.Method, Resource: c.Resource, Path: c.Resource,
		PathParameters: c.Path, QueryStringParameters: c.Query, Headers: c.Header, Body: c.Body,
		RequestContext: events.APIGatewayProxyRequestContext{
			RequestID: "test-request", Stage: "test", Path: "/test" + c.Resource, Authorizer: c.Authorizer,
			Identity: events.APIGatewayRequestIdentity{SourceIP: cmp.Or(c.Address, "192.0.2.7"), UserAgent: "test"},
		},
	})
	if err != nil {
		t.Fatalf("%s %s: the function failed: %v", c.Method, c.Resource, err)
	}
	return Answer{res.StatusCode, res.Headers, res.Body}
}

// User returns the context of a user's session. scopes are separated by spaces.
func User(userID, email, role, scopes string) map[string]any {
	return gateway.Caller{
		Type: gateway.User, UserID: userID, Email: email, Role: role, Scopes: strings.Fields(scopes),
		SessionID: "ses_AAAAAAAAAAAAAAAAAAAAAAAAAA", ExpiresAt: 4102444800,
	}.Context()
}

// Key returns the context of an API key. scopes are separated by spaces.
func Key(keyID, keyType, owner, project, scopes string) map[string]any {
	return gateway.Caller{
		Type: gateway.Key, KeyID: keyID, KeyType: keyType, UserID: owner, Email: "owner@example.com",
		Role: user.Member, Project: project, Scopes: strings.Fields(scopes), KeyGeneration: 1,
	}.Context()
}

// Ticket returns the context of a ticket for a run of that owner.
func Ticket(owner, runID string) map[string]any {
	return gateway.Caller{
		Type: gateway.Ticket, UserID: owner, RunID: runID, Scopes: []string{"read:events"}, ExpiresAt: 4102444800,
	}.Context()
}

// Refused returns the context of a credential that the authorizer refused.
func Refused(code string) map[string]any { return map[string]any{gateway.CtxRefusal: code} }
