package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/policy"
)

// A request has what the authorizer needs to know, from any of the three events.
type request struct {
	arn          string   // of the method, as API Gateway will compare it with the policy
	api          string   // <id>/<stage>
	method, path string   // out of the ARN
	overrides    []string // methods that a server behind API Gateway may take for this one
	resource     string   // the route's template: few in number, and free of callers' data
	sent         authn.Sent
	address      string // "" where the event has none
	userAgent    string
	id           string
	http         bool // of an HTTP API, whose authorizers answer otherwise
}

// route is the request's name in logs.
func (r request) route() string { return r.method + " " + r.resource }

// read reads the request from one of API Gateway's three events: of a REST API's REQUEST or TOKEN
// authorizer, or of an HTTP API's with payload 2.0. (Payload 1.0 is a REST API's REQUEST.)
func read(event json.RawMessage) (request, error) {
	var kind struct{ Version, Type string }
	if err := json.Unmarshal(event, &kind); err != nil {
		return request{}, fmt.Errorf("the event cannot be read: %w", err)
	}
	var r request
	var err error
	switch {
	case kind.Version == "2.0":
		r, err = as(event, fromHTTP)
	case kind.Type == "TOKEN":
		r, err = as(event, fromToken)
	case kind.Type == "REQUEST":
		r, err = as(event, fromREST)
	default:
		return request{}, fmt.Errorf("an event of type %q and version %q is not one of an authorizer", kind.Type, kind.Version)
	}
	if err != nil {
		return request{}, fmt.Errorf("the event cannot be read: %w", err)
	}
	r.api, r.method, r.path, err = policy.Method(r.arn)
	return r, err
}

func as[E any](raw json.RawMessage, from func(E) request) (request, error) {
	var event E
	err := json.Unmarshal(raw, &event)
	return from(event), err
}

func fromREST(e events.APIGatewayCustomAuthorizerRequestTypeRequest) request {
	headers := e.MultiValueHeaders
	if headers == nil {
		headers = lists(e.Headers)
	}
	query := e.MultiValueQueryStringParameters
	if query == nil {
		query = lists(e.QueryStringParameters)
	}
	return request{
		arn: e.MethodArn, resource: e.Resource, id: e.RequestContext.RequestID,
		sent: authn.Sent{
			Authorization: valuesOf(headers, "Authorization"), APIKey: valuesOf(headers, "X-Api-Key"), QueryTokens: query["token"],
		},
		overrides: overridesOf(headers),
		address:   e.RequestContext.Identity.SourceIP, userAgent: strings.Join(valuesOf(headers, "User-Agent"), " "),
	}
}

// fromToken gets the value of one header, without its name. A value with a scheme is from
// Authorization, any other from X-Api-Key. The event does not name the route, so all uses count
// as those of one route.
func fromToken(e events.APIGatewayCustomAuthorizerRequest) request {
	r := request{arn: e.MethodArn, resource: "*"}
	if strings.Contains(strings.TrimSpace(e.AuthorizationToken), " ") {
		r.sent.Authorization = []string{e.AuthorizationToken}
	} else {
		r.sent.APIKey = []string{e.AuthorizationToken}
	}
	return r
}

// fromHTTP reads no tokens from the query. A header that was sent twice arrives as one value with
// a comma. No credential has a comma, so it is refused.
func fromHTTP(e events.APIGatewayV2CustomAuthorizerV2Request) request {
	_, resource, ok := strings.Cut(e.RouteKey, " ") // "GET /api/campaigns/{id}", "$default"
	if !ok {
		resource = e.RouteKey
	}
	headers := lists(e.Headers)
	return request{
		arn: e.RouteArn, resource: resource, id: e.RequestContext.RequestID, http: true,
		sent:      authn.Sent{Authorization: valuesOf(headers, "Authorization"), APIKey: valuesOf(headers, "X-Api-Key")},
		overrides: overridesOf(headers), address: e.RequestContext.HTTP.SourceIP, userAgent: e.RequestContext.HTTP.UserAgent,
	}
}

// overridesOf returns the methods in the headers with which a request can ask some servers for
// another method.
func overridesOf(headers map[string][]string) (methods []string) {
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		methods = append(methods, valuesOf(headers, name)...)
	}
	return methods
}

func lists(values map[string]string) map[string][]string {
	all := map[string][]string{}
	for name, value := range values {
		all[name] = []string{value}
	}
	return all
}

// valuesOf returns all values of a header. The case of its name does not matter: API Gateway
// keeps the client's spelling, so one header may be there under several.
func valuesOf(headers map[string][]string, name string) (values []string) {
	for n, v := range headers {
		if strings.EqualFold(n, name) {
			values = append(values, v...)
		}
	}
	return values
}
