package main

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/verification"
)

type handler struct {
	authn  *authn.Authenticator
	limits ratelimit.Limits
}

// atOnce is how many keys of one request are checked at the same time.
const atOnce = 16

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	var b body
	if err := r.JSON(&b); err != nil {
		return gateway.Response{}, err
	}
	if err := noNull(r); err != nil {
		return gateway.Response{}, err
	}
	questions, err := b.questions()
	if err != nil {
		return gateway.Response{}, err
	}
	v := verifier{h, r, whose(p), string(p.Type()) + "." + p.ID(), b.DryRun}
	if b.Keys == nil {
		one, err := v.answer(ctx, questions[0])
		return gateway.JSON(200, one), err
	}
	return gateway.JSON(200, map[string]any{"results": v.all(ctx, questions)}), nil
}

// whose returns the keys that are the caller's business: those of its project, a user's own, or with
// the scope for it all.
func whose(p gateway.Principal) store.Whose {
	switch {
	case p.Scopes().Has(scope.VerifyAllKeys):
		return store.Whose{}
	case p.Type() == gateway.User:
		return store.Whose{Owner: p.UserID()}
	}
	return store.Whose{Project: cmp.Or(p.Project(), "none")} // "" would be all
}

// A verifier checks the keys of one request.
type verifier struct {
	handler
	r      *gateway.Request
	whose  store.Whose
	asker  string
	dryRun bool
}

// all answers several questions, in their order. What cannot be checked now is not valid: an error would
// have the caller ask again also for those that were counted.
func (v verifier) all(ctx context.Context, questions []wanted) []answer {
	answers := make([]answer, len(questions))
	turn := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i, q := range questions {
		all.Go(func() {
			turn <- struct{}{}
			defer func() { <-turn }()
			one, err := v.answer(ctx, q)
			if err != nil {
				one = refused(authn.Identity{}, problem.Unavailable, v.r.ID())
			}
			answers[i] = one
		})
	}
	all.Wait()
	return answers
}

// answer checks one key. An error means that the check itself failed.
func (v verifier) answer(ctx context.Context, q wanted) (answer, error) {
	began := time.Now()
	if !q.legible() {
		return refused(authn.Identity{}, problem.PathForbidden, v.r.ID()), nil
	}
	request := authn.Request{Address: q.Address, Now: v.r.Now, Whose: v.whose, Asker: v.asker}
	if !v.dryRun {
		request.Limit, request.Cost = v.limits.For(q.category()), q.cost
	}
	identity, refusal := v.authn.IdentifyKey(ctx, q.Key, request)
	if refusal == nil && v.dryRun && !admits(identity.Key, q.cost, v.r.Now) {
		refusal = problem.QuotaExceeded
	}
	route := q.route("")
	if refusal == nil {
		route, refusal = q.permitted(identity)
	}
	if !v.dryRun {
		v.print(ctx, q, route, identity, refusal, began)
	}
	var p *problem.Problem
	switch {
	case refusal == nil:
		return good(identity), nil
	case errors.As(refusal, &p):
		if p == problem.APIKeyInvalid && authn.IsToken(q.Key) {
			p = p.WithDetail("Send an API key: a token is not one")
		}
		return refused(identity, p, v.r.ID()), nil
	}
	return answer{}, refusal
}

// admits reports whether enough is left of the quotas of a key and of its customer.
func admits(k *apikey.Key, cost int64, now time.Time) bool {
	return k.Quota.Admits(cost, now) && (k.Holder == nil || k.Holder.Quota.Admits(cost, now))
}

// print writes the line from which the use of the key is counted.
func (v verifier) print(ctx context.Context, q wanted, route string, i authn.Identity, refusal error, began time.Time) {
	api := q.API
	if api == "" {
		api = v.r.API()
	}
	verification.Check{
		RequestID: v.r.ID(), Route: route, API: api, Address: q.Address, UserAgent: v.r.UserAgent(),
		Key: i.Key, Proven: i.Proven, Refusal: refusal, At: v.r.Now, Took: time.Since(began),
	}.Print(ctx)
}
