package main

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/policy"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/verification"
)

// pollResource is the one route that accepts a token in the query. A browser's EventSource cannot
// send headers, and the poll that replaces it keeps its interface.
const pollResource = "/v1/runs/{id}/events/stream"

type authorizer struct {
	settings
	authn    *authn.Authenticator
	policies *policy.Cache
	limits   ratelimit.Limits
	now      func() time.Time
}

// A decision is the authorizer's answer, before it gets the form that API Gateway expects.
type decision struct {
	allowed   bool // this request; the policy says the same of every other
	principal string
	policy    policy.Policy
	context   map[string]any
}

// errUnauthorized makes a REST API answer 401. API Gateway recognises exactly this word.
var errUnauthorized = errors.New("Unauthorized") //nolint:staticcheck // API Gateway compares it to the letter

// Invoke answers one event.
func (a *authorizer) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	r, err := read(event)
	if err != nil {
		return nil, err
	}
	d, err := a.decide(ctx, r)
	if err != nil {
		return nil, err
	}
	if r.http && a.simple {
		return json.Marshal(events.APIGatewayV2CustomAuthorizerSimpleResponse{IsAuthorized: d.allowed, Context: d.context})
	}
	return d.withPolicy(r)
}

// withPolicy returns the answer to a REST API, and to an HTTP API that expects a policy. The policy is JSON
// already: json.Marshal would read it again, which takes longer than all the rest.
func (d decision) withPolicy(r request) ([]byte, error) {
	answer, err := json.Marshal(struct {
		PrincipalID string         `json:"principalId"`
		Context     map[string]any `json:"context,omitempty"`
	}{d.principal, d.context})
	if err != nil {
		return nil, err
	}
	const before = `,"policyDocument":`
	document := d.policy.Document(r.method, r.path, policy.MaxAnswer-len(answer)-len(before))
	return slices.Concat(answer[:len(answer)-1], []byte(before), document, []byte("}")), nil
}

func (a *authorizer) decide(ctx context.Context, r request) (decision, error) {
	now := a.now()
	identity, refusal := a.identify(ctx, r, now)
	var granted policy.Policy
	if refusal == nil {
		granted, refusal = a.policyOf(identity, r.arn)
	}
	inScope := refusal == nil && granted.Allows(r.method, r.path)
	a.print(ctx, r, identity, refusal, inScope, now)
	if refusal != nil {
		return a.refuse(r, identity, problem.From(refusal))
	}
	caller := callerOf(identity)
	values := caller.Context()
	maps.Copy(values, gateway.LimitContext(identity.Limit))
	return decision{inScope, caller.ID(), granted, values}, nil
}

// print writes the line of the check, from which a use of a key is counted.
func (a *authorizer) print(ctx context.Context, r request, i authn.Identity, refusal error, inScope bool, began time.Time) {
	if refusal == nil && !inScope {
		refusal = problem.InsufficientScope
	}
	c := verification.Check{
		RequestID: r.id, Route: r.route(), API: r.api, Address: r.address, UserAgent: r.userAgent,
		Key: i.Key, Proven: i.Proven, Refusal: refusal, At: began, Took: a.now().Sub(began),
	}
	if i.Session != nil {
		c.UserID = i.Session.UserID
	}
	c.Print(ctx)
}

func (a *authorizer) identify(ctx context.Context, r request, now time.Time) (authn.Identity, error) {
	if slices.ContainsFunc(r.overrides, func(method string) bool { return !strings.EqualFold(method, r.method) }) {
		return authn.Identity{}, problem.MethodForbidden // the policy is compared with r.method, and a server may do the other
	}
	if !policy.Legible(r.path) {
		return authn.Identity{}, problem.PathForbidden // and a server may read another path
	}
	sent := r.sent
	if !a.own || r.resource != pollResource {
		sent.QueryTokens = nil
	}
	credential, err := sent.Credential()
	if err != nil {
		return authn.Identity{}, err
	}
	inQuery := strings.TrimSpace(strings.Join(sent.QueryTokens, "")) != ""
	if inQuery && !authn.IsToken(credential) {
		return authn.Identity{}, problem.TokenInvalid
	}
	return a.authn.Identify(ctx, credential, authn.Request{
		Address:   r.address,
		InQuery:   inQuery,
		Limit:     a.limits.For(ratelimit.CategoryOf(r.method, r.resource)),
		Cost:      1,
		Now:       now,
		Resources: a.resources.Of(r.api),
	})
}

// toSetUp is what somebody needs who must add a second factor before they may do anything else.
var toSetUp = []scope.Route{
	{Method: "POST", Path: "/v1/auth/factors"},
	{Method: "POST", Path: "/v1/auth/factors/*"},
	{Method: "POST", Path: "/api/auth/logout"},
}

// policyOf returns the policy of an identity. A ticket opens one path. On other people's APIs only
// scopes open routes: the routes that are open to a kind of principal are Latchkey's own. On Latchkey's
// own API a deployer's scopes open nothing, whatever routes they name.
func (a *authorizer) policyOf(i authn.Identity, arn string) (policy.Policy, error) {
	if run := i.TicketFor(); run != "" {
		var routes []scope.Route
		if i.Scopes.Has("read:events") { // the credential that made it has not lost the scope
			routes = append(routes, scope.Route{Method: "GET", Path: strings.Replace(pollResource, "{id}", run, 1)})
		}
		return policy.New(routes, arn)
	}
	if i.SetsUp() {
		if !a.own {
			return policy.New(nil, arn)
		}
		return policy.New(toSetUp, arn)
	}
	p := policy.Principal{Scopes: i.Scopes, Project: i.Project()}
	if a.own {
		p.Kinds, p.Scopes = kindsOf(i), i.Catalogue.Latchkeys(i.Scopes)
	}
	return a.policies.For(i.Catalogue, p, arn)
}

// kindsOf returns the kinds of principal that an identity is. A key of type secret may create
// keys. A token made from such a key may not, because a short-lived credential must not make one
// that lives longer.
func kindsOf(i authn.Identity) []scope.PrincipalKind {
	kinds := []scope.PrincipalKind{scope.AnyPrincipal}
	if i.Session != nil {
		return append(kinds, scope.User)
	}
	if i.Key == nil || i.Claims != nil {
		return kinds
	}
	if i.Key.Type == apikey.Secret {
		kinds = append(kinds, scope.SecretKey)
	}
	if i.Catalogue.HoldsAllButAdmin(i.Scopes) {
		kinds = append(kinds, scope.FullKey)
	}
	return kinds
}

func (a *authorizer) refuse(r request, identity authn.Identity, p *problem.Problem) (decision, error) {
	if a.mode == modeFunction {
		if problem.Refusals[p.Code] == nil {
			p = problem.Unavailable // fail closed, and do not show the reason
		}
		everything, err := policy.AllowAll(r.arn)
		values := map[string]any{gateway.CtxRefusal: p.Code}
		for reason, known := range problem.Reasons {
			if p == known {
				values[gateway.CtxReason] = reason
			}
		}
		maps.Copy(values, gateway.LimitContext(identity.Limit))
		return decision{true, "refused", everything, values}, err
	}
	switch {
	case p.Status == 401 && !r.http:
		return decision{}, errUnauthorized
	case p.Status < 500: // an HTTP API makes a 500 of every error, so there a 401 is a 403
		nothing, err := policy.New(nil, r.arn)
		return decision{principal: "refused", policy: nothing}, err
	}
	return decision{}, p
}
