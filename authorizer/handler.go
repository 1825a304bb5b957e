package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/env"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/policy"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/store"
)

// Who words a refusal (the setting MODE).
const (
	// modeFunction lets a refused request through without a principal; the function's
	// wrapper answers it (package gateway). For Latchkey's own API.
	modeFunction = "function"
	// modeEdge refuses here: nothing reaches the function. For everybody else's.
	modeEdge = "edge"
)

// pollResource is the one route that takes a token from the query: EventSource cannot
// send headers, and its replacement keeps that interface.
const pollResource = "/v1/runs/{id}/events/stream"

type authorizer struct {
	authn  *authn.Authenticator
	limits ratelimit.Limits
	uses   *audit.Recorder
	mode   string
	now    func() time.Time
}

func fromEnv() (*authorizer, error) {
	mode, err := env.Required("MODE")
	if err != nil {
		return nil, err
	}
	if mode != modeFunction && mode != modeEdge {
		return nil, fmt.Errorf("MODE is %q, neither %s nor %s", mode, modeFunction, modeEdge)
	}
	s, err := store.FromEnv()
	if err != nil {
		return nil, err
	}
	a, err := authn.FromEnv(s)
	if err != nil {
		return nil, err
	}
	limits, err := ratelimit.FromEnv()
	if err != nil {
		return nil, err
	}
	retention, err := env.Days("AUDIT_RETENTION_DAYS")
	if err != nil {
		return nil, err
	}
	return &authorizer{a, limits, audit.NewRecorder(s, retention), mode, time.Now}, nil
}

type (
	request  = events.APIGatewayCustomAuthorizerRequestTypeRequest
	response = events.APIGatewayCustomAuthorizerResponse
)

// errUnauthorized makes API Gateway answer 401: it knows this one word.
var errUnauthorized = errors.New("Unauthorized") //nolint:staticcheck // API Gateway compares it to the letter

func (a *authorizer) handle(ctx context.Context, event request) (response, error) {
	now := a.now()
	identity, refusal := a.identify(ctx, event, now)
	routes := routesOf(identity)
	inScope := refusal == nil && policy.Allows(routes, event.HTTPMethod, event.Path)
	if identity.Key != nil {
		err := a.uses.Record(ctx, identity.Key, audit.Use{
			Source: audit.Source{
				Actor:   audit.Actor{Type: string(gateway.Key), ID: identity.Key.ID},
				Address: event.RequestContext.Identity.SourceIP, UserAgent: userAgent(event),
				RequestID: event.RequestContext.RequestID, Now: now,
			},
			Route: event.HTTPMethod + " " + event.Resource, Refused: !inScope,
		})
		if err != nil {
			refusal = err // fail closed: a use that is not recorded is no use
		}
	}
	logVerification(ctx, event, identity, refusal, inScope, now, a.now().Sub(now))
	if refusal != nil {
		return a.refuse(event, identity, problem.From(refusal))
	}
	document, err := policy.Compile(routes, event.MethodArn)
	if err != nil {
		return response{}, err
	}
	values := identity.Context()
	maps.Copy(values, authn.LimitContext(identity.Limit))
	return response{PrincipalID: values[gateway.CtxPrincipal].(string), PolicyDocument: document, Context: values}, nil
}

func (a *authorizer) identify(ctx context.Context, event request, now time.Time) (authn.Identity, error) {
	sent := authn.Sent{
		Authorization: header(event, "Authorization"),
		APIKey:        header(event, "X-Api-Key"),
	}
	if event.Resource == pollResource {
		sent.QueryTokens = event.MultiValueQueryStringParameters["token"]
		if sent.QueryTokens == nil {
			sent.QueryTokens = []string{event.QueryStringParameters["token"]}
		}
	}
	credential, err := sent.Credential()
	if err != nil {
		return authn.Identity{}, err
	}
	if strings.Join(sent.QueryTokens, "") != "" && !authn.IsToken(credential) {
		return authn.Identity{}, problem.TokenInvalid.WithDetail("token takes a JWT, not an API key")
	}
	return a.authn.Check(ctx, credential, authn.Request{
		Address: event.RequestContext.Identity.SourceIP,
		Limit:   a.limits.For(ratelimit.CategoryOf(event.HTTPMethod, event.Resource)),
		Now:     now,
	})
}

// routesOf is what an identity opens. An API key of type secret may create keys; a
// token made from one may not, so that what is short-lived cannot outlive itself.
func routesOf(i authn.Identity) []scope.Route {
	kinds := []scope.PrincipalKind{scope.AnyPrincipal}
	switch {
	case i.Session != nil:
		kinds = append(kinds, scope.User)
	case i.Key != nil && i.Claims == nil && i.Key.Type == apikey.Secret:
		kinds = append(kinds, scope.SecretKey)
	}
	return policy.Routes(scope.Default(), i.Scopes, kinds...)
}

func (a *authorizer) refuse(event request, identity authn.Identity, p *problem.Problem) (response, error) {
	if a.mode == modeFunction {
		if problem.Refusals[p.Code] == nil {
			p = problem.Unavailable // fail closed, and say nothing of why
		}
		document, err := policy.AllowAll(event.MethodArn)
		values := map[string]any{gateway.CtxRefusal: p.Code}
		maps.Copy(values, authn.LimitContext(identity.Limit))
		return response{PrincipalID: "refused", PolicyDocument: document, Context: values}, err
	}
	switch p.Status {
	case 401:
		return response{}, errUnauthorized
	case 400, 403, 429:
		return response{PrincipalID: "refused", PolicyDocument: policy.DenyAll()}, nil
	}
	return response{}, p
}

// header gives all values of a header, its name compared without regard to case. API
// Gateway keeps the client's spelling, so one header may be there under several.
func header(event request, name string) (values []string) {
	for n, v := range event.MultiValueHeaders {
		if strings.EqualFold(n, name) {
			values = append(values, v...)
		}
	}
	if values != nil {
		return values
	}
	for n, v := range event.Headers {
		if strings.EqualFold(n, name) {
			values = append(values, v)
		}
	}
	return values
}

func userAgent(event request) string {
	ua := strings.Join(header(event, "User-Agent"), " ")
	return strings.ToValidUTF8(ua[:min(len(ua), 256)], "")
}
