// Package gatewaytest drives a gateway.Function as API Gateway would: with an event,
// and for a protected route with what the authorizer made of the credential.
package gatewaytest

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/gateway"
)

// A Call is one request. Zero fields are left out of the event.
type Call struct {
	Method, Resource string            // GET, /v1/runs/{id}
	Path             map[string]string // path parameters
	Query            map[string]string
	Header           map[string]string
	Body             string
	Authorizer       map[string]any // see User, Key and Refused
}

// An Answer is what the caller gets.
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

// Code is the body's error_code, or "".
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
			Identity: events.APIGatewayRequestIdentity{SourceIP: "192.0.2.7", UserAgent: "test"},
		},
	})
	if err != nil {
		t.Fatalf("%s %s: the function failed: %v", c.Method, c.Resource, err)
	}
	return Answer{res.StatusCode, res.Headers, res.Body}
}

// User is the context of a user's session.
func User(userID, email, role, scopes string) map[string]any {
	return map[string]any{
		gateway.CtxType: string(gateway.User), gateway.CtxPrincipal: userID, gateway.CtxUser: userID,
		gateway.CtxEmail: email, gateway.CtxRole: role, gateway.CtxScopes: scopes,
		gateway.CtxSession: "ses_AAAAAAAAAAAAAAAAAAAAAAAAAA", gateway.CtxExpires: "4102444800",
	}
}

// Key is the context of an API key.
func Key(keyID, keyType, owner, project, scopes string) map[string]any {
	return map[string]any{
		gateway.CtxType: string(gateway.Key), gateway.CtxPrincipal: keyID, gateway.CtxKey: keyID,
		gateway.CtxKeyType: keyType, gateway.CtxUser: owner, gateway.CtxEmail: "owner@example.com",
		gateway.CtxRole: "member", gateway.CtxProject: project, gateway.CtxScopes: scopes, gateway.CtxExpires: "0",
	}
}

// Refused is the context of a credential that the authorizer refused.
func Refused(code string) map[string]any { return map[string]any{gateway.CtxRefusal: code} }
