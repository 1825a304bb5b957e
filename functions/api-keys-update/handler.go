package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/account"
	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/newkey"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct {
	store     *store.Store
	retention time.Duration
	limits    ratelimit.Limits
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	var body newkey.Change
	if err := r.MergePatch(&body); err != nil {
		return gateway.Response{}, err
	}
	owner, err := body.NewOwner()
	if err != nil {
		return gateway.Response{}, err
	}
	k, err := owned.Changed("key", func() (apikey.Key, error) { return h.change(ctx, r, p, body, owner) })
	if err != nil {
		return gateway.Response{}, err
	}
	if k, err = h.store.WithLastUse(ctx, k); err != nil {
		return gateway.Response{}, err
	}
	return gateway.JSON(200, k.View(r.Now)), nil
}

// change makes the change once, from the key as it is now, or hands it to the owner that is named. Error:
// store.ErrConflict if somebody else was first.
func (h handler) change(ctx context.Context, r *gateway.Request, p gateway.Principal, body newkey.Change, owner string) (apikey.Key, error) {
	was, err := owned.OverseenKey(ctx, h.store, p, r.Path("id"))
	if err != nil {
		return was, err
	}
	next, err := body.Of(was, r.Now)
	if err != nil {
		return was, err
	}
	if was.Ended(r.Now) {
		return was, problem.KeyRevoked.WithDetail("The API key is revoked or expired, and cannot be changed; create another")
	}
	if owner != "" {
		return account.Accounts{Store: h.store, Retention: h.retention}.HandKeyOver(ctx, r, p, was, owner)
	}
	by, err := owned.Maker(ctx, h.store, p, h.limits, r.Now)
	if err != nil {
		return was, err
	}
	next.Quota = by.Refill(was.Quota, next.Quota, r.Now)
	if err := h.permitted(p, by, was, next); err != nil {
		return was, err
	}
	detail := audit.Differences(fields(was), fields(next))
	switch {
	case len(detail) == 0:
		return was, nil
	case !p.Reaches(was.Owner, was.Project) && !onlyDisabled(detail): // an administrator's session sees it
		return was, problem.Forbidden.WithDetail("Only the owner of an API key may change what it may do; an administrator may disable and enable it")
	}
	entry := audit.New(audit.Updated, r.Source(p), h.retention)
	entry.Detail = detail
	return next, h.store.ChangeKeyBy(ctx, by, was, next, entry)
}

// permitted refuses a change that makes the key more than it was, and more than the caller.
func (h handler) permitted(p gateway.Principal, by apikey.Maker, was, next apikey.Key) error {
	beyond := by.Beyond(&was, &next)
	switch {
	case slices.Contains(beyond, "disabled"):
		return problem.Forbidden.WithDetail(
			"The API key exceeds the credential that would enable it, in its " + strings.Join(beyond[1:], ", ") + "; its owner may do it, logged in")
	case slices.Contains(beyond, "scopes"):
		return newkey.NotHeld(by, by.Scopes.Missing(was.Grants().Missing(next.Grants())))
	case beyond != nil:
		var wrong []problem.Field
		for _, field := range beyond {
			wrong = append(wrong, problem.Field{Field: field, Message: "must not exceed the credential that changes the key"})
		}
		return problem.Validation(wrong...)
	case by.Key == nil && p.Role() != user.Admin:
		return h.bound(was, next)
	}
	return nil
}

// bound refuses to raise a limit above the deployment's.
func (h handler) bound(was, next apikey.Key) error {
	for c, most := range h.limits.Max {
		if most > 0 && next.Of(c) > max(most, was.Of(c)) {
			return problem.Forbidden.WithDetail(fmt.Sprintf(
				"Only an administrator may set a limit above the deployment's, which is %d for %s", most, c))
		}
	}
	return nil
}
