package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
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

	MethodArn          string // of a REST API
	Resource           string
	AuthorizationToken string // of a TOKEN authorizer

	RouteArn string // of an HTTP API
	RouteKey string // "GET /api/campaigns/{id}", "$default"

	// A REST API's event has both forms; Headers and QueryStringParameters lack all but one value of a name.
	Headers, MultiValueHeaders                             *headers
	QueryStringParameters, MultiValueQueryStringParameters map[string]values

	RequestContext struct {
		RequestID string
		Identity  struct{ SourceIP string }            // of a REST API
		HTTP      struct{ SourceIP, UserAgent string } // of an HTTP API
	}
}

// headers has the headers that the authorizer reads. The case of a name does not matter, here and to encoding/json.
type headers struct {
	Authorization      values
	APIKey             values `json:"X-Api-Key"`
	UserAgent          values `json:"User-Agent"`
	HTTPMethodOverride values `json:"X-HTTP-Method-Override"`
	HTTPMethod         values `json:"X-HTTP-Method"`
	MethodOverride     values `json:"X-Method-Override"`
}

// overrides returns the methods with which a request can ask some servers for another method.
func (h *headers) overrides() []string {
	return slices.Concat(h.HTTPMethodOverride, h.HTTPMethod, h.MethodOverride)
}

// values are all values of one name.
type values []string

// UnmarshalJSON adds a value, or a list of values. API Gateway keeps the client's spelling of a header, so one may be
// there under several, and encoding/json calls this for each.
func (v *values) UnmarshalJSON(text []byte) error {
	if one, ok := plain(text); ok {
		*v = append(*v, one)
		return nil
	}
	if text[0] == '"' {
		text = slices.Concat([]byte("["), text, []byte("]"))
	}
	var more []string
	err := json.Unmarshal(text, &more)
	*v = append(*v, more...)
	return err
}

// plain returns the one value of "text" or ["text"], if text is plain: ASCII without an escape, which is its own
// meaning. That is so of almost every header, and spares it another pass of encoding/json.
func plain(text []byte) (string, bool) {
	if list, ok := bytes.CutPrefix(text, []byte("[")); ok {
		text = bytes.TrimSuffix(list, []byte("]"))
	}
	if len(text) < 2 || text[0] != '"' || text[len(text)-1] != '"' {
		return "", false
	}
	text = text[1 : len(text)-1]
	for _, c := range text {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return "", false
		}
	}
	return string(text), true
}

// read reads the request from the text of an event.
func read(text []byte) (request, error) {
	var e apiEvent
	if err := json.Unmarshal(text, &e); err != nil {
		return request{}, fmt.Errorf("the event cannot be read: %w", err)
	}
	var r request
	switch {
	case e.Version == "2.0":
		r = e.fromHTTP()
	case e.Type == "TOKEN":
		r = e.fromToken()
	case e.Type == "REQUEST":
		r = e.fromREST()
	default:
		return request{}, fmt.Errorf("an event of type %q and version %q is not one of an authorizer", e.Type, e.Version)
	}
	var err error
	r.api, r.method, r.path, err = policy.Method(r.arn)
	return r, err
}

func (e *apiEvent) fromREST() request {
	h := cmp.Or(e.MultiValueHeaders, e.Headers, &headers{})
	query := e.MultiValueQueryStringParameters
	if query == nil {
		query = e.QueryStringParameters
	}
	return request{
		arn: e.MethodArn, resource: e.Resource, id: e.RequestContext.RequestID,
		sent:      authn.Sent{Authorization: h.Authorization, APIKey: h.APIKey, QueryTokens: query["token"]},
		overrides: h.overrides(), address: e.RequestContext.Identity.SourceIP, userAgent: strings.Join(h.UserAgent, " "),
	}
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
func (e *apiEvent) fromHTTP() request {
	_, resource, ok := strings.Cut(e.RouteKey, " ")
	if !ok {
		resource = e.RouteKey
	}
	h := cmp.Or(e.Headers, &headers{})
	return request{
		arn: e.RouteArn, resource: resource, id: e.RequestContext.RequestID, http: true,
		sent:      authn.Sent{Authorization: h.Authorization, APIKey: h.APIKey},
		overrides: h.overrides(), address: e.RequestContext.HTTP.SourceIP, userAgent: e.RequestContext.HTTP.UserAgent,
	}
}
