package main

import (
	"encoding/json"
	"fmt"
	"strings"

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

// An apiEvent is any of API Gateway's three events: of a REST API's REQUEST or TOKEN authorizer, or of an HTTP
// API's with payload 2.0. (Payload 1.0 is a REST API's REQUEST.) It has the fields that the authorizer uses. Source:
// API Gateway developer guide, "Input to a Lambda authorizer", and "Control access to HTTP APIs with Lambda authorizers".
type apiEvent struct {
	Version, Type string

	MethodArn                       string // of a REST API
	Resource                        string
	AuthorizationToken              string // of a TOKEN authorizer
	MultiValueHeaders               map[string][]string
	MultiValueQueryStringParameters map[string][]string

	RouteArn string // of an HTTP API
	RouteKey string // "GET /api/campaigns/{id}", "$default"

	// Headers and QueryStringParameters have one value for each name. A REST API's event has all values too, and then
	// these stay unread.
	Headers, QueryStringParameters json.RawMessage

	RequestContext struct {
		RequestID string
		Identity  struct{ SourceIP string }            // of a REST API
		HTTP      struct{ SourceIP, UserAgent string } // of an HTTP API
	}
}

// read reads the request from the text of an event.
func read(text []byte) (request, error) {
	var e apiEvent
	if err := json.Unmarshal(text, &e); err != nil {
		return request{}, fmt.Errorf("the event cannot be read: %w", err)
	}
	var r request
	var err error
	switch {
	case e.Version == "2.0":
		r, err = e.fromHTTP()
	case e.Type == "TOKEN":
		r = e.fromToken()
	case e.Type == "REQUEST":
		r, err = e.fromREST()
	default:
		return request{}, fmt.Errorf("an event of type %q and version %q is not one of an authorizer", e.Type, e.Version)
	}
	if err != nil {
		return request{}, fmt.Errorf("the event cannot be read: %w", err)
	}
	r.api, r.method, r.path, err = policy.Method(r.arn)
	return r, err
}

func (e *apiEvent) fromREST() (request, error) {
	headers, err := values(e.MultiValueHeaders, e.Headers)
	if err != nil {
		return request{}, err
	}
	query, err := values(e.MultiValueQueryStringParameters, e.QueryStringParameters)
	return request{
		arn: e.MethodArn, resource: e.Resource, id: e.RequestContext.RequestID,
		sent: authn.Sent{
			Authorization: valuesOf(headers, "Authorization"), APIKey: valuesOf(headers, "X-Api-Key"), QueryTokens: query["token"],
		},
		overrides: overridesOf(headers),
		address:   e.RequestContext.Identity.SourceIP, userAgent: strings.Join(valuesOf(headers, "User-Agent"), " "),
	}, err
}

// fromToken gets the value of one header, without its name. A value with a scheme is from
// Authorization, any other from X-Api-Key. The event does not name the route, so all uses count
// as those of one route.
func (e *apiEvent) fromToken() request {
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
func (e *apiEvent) fromHTTP() (request, error) {
	_, resource, ok := strings.Cut(e.RouteKey, " ")
	if !ok {
		resource = e.RouteKey
	}
	headers, err := values(nil, e.Headers)
	return request{
		arn: e.RouteArn, resource: resource, id: e.RequestContext.RequestID, http: true,
		sent:      authn.Sent{Authorization: valuesOf(headers, "Authorization"), APIKey: valuesOf(headers, "X-Api-Key")},
		overrides: overridesOf(headers), address: e.RequestContext.HTTP.SourceIP, userAgent: e.RequestContext.HTTP.UserAgent,
	}, err
}

// overridesOf returns the methods in the headers with which a request can ask some servers for
// another method.
func overridesOf(headers map[string][]string) (methods []string) {
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		methods = append(methods, valuesOf(headers, name)...)
	}
	return methods
}

// values returns all values of each name, or what single has if there are none.
func values(all map[string][]string, single json.RawMessage) (map[string][]string, error) {
	if all != nil || single == nil {
		return all, nil
	}
	var one map[string]string
	if err := json.Unmarshal(single, &one); err != nil {
		return nil, err
	}
	all = map[string][]string{}
	for name, value := range one {
		all[name] = []string{value}
	}
	return all, nil
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
