package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct {
	store     *store.Store
	pepper    *secret.Source
	retention time.Duration
	limits    ratelimit.Limits
}

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	var body request
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	wanted, err := body.read(r.Now)
	if err != nil {
		return gateway.Response{}, err
	}
	granted, err := grant(wanted, p)
	if err != nil {
		return gateway.Response{}, err
	}
	if err := h.bound(&wanted.key, p); err != nil {
		return gateway.Response{}, err
	}
	in, err := owned.Project(ctx, h.store, p, body.ProjectID)
	if err != nil {
		return gateway.Response{}, err
	}
	ring, err := h.pepper.Ring(ctx)
	if err != nil {
		return gateway.Response{}, err
	}
	k := wanted.key
	k.ID, k.Prefix, k.Generation = apikey.NewID(), k.Type.Prefix(in.KeyPrefix), 1
	full := apikey.New(k.Prefix, k.ID)
	k.Hash, k.Masked = ring.MAC(full), apikey.Mask(full)
	k.Owner, k.OwnerEmail, k.Project, k.Scopes = p.UserID(), p.Email(), in.ID, granted
	entry := audit.New(audit.Created, r.Source(p), h.retention)
	entry.Detail = map[string]string{"type": string(k.Type), "scopes": granted.String()}
	if err := h.store.CreateKey(ctx, k, entry); err != nil {
		return gateway.Response{}, err
	}
	view := k.View(r.Now)
	view.Key = full
	return gateway.JSON(201, view), nil
}

// grant returns the scopes of the new key: no more than its type allows, and none that the caller
// does not hold. A request that names no scopes gets all of those but admin.
func grant(w wanted, p gateway.Principal) (scope.Set, error) {
	ceiling := w.key.Type.Ceiling(scope.Default())
	granted := w.scopes
	if granted == nil {
		granted = ceiling.Intersect(p.Scopes()).Intersect(scope.Default().AllButAdmin())
	}
	if beyond := ceiling.Missing(granted); beyond != nil {
		return nil, problem.Validation(problem.Field{
			Field: w.scopesField, Message: "a key of type " + string(w.key.Type) + " cannot have " + strings.Join(beyond, ", "),
		})
	}
	if beyond := p.Scopes().Missing(granted); beyond != nil || len(granted) == 0 {
		return nil, problem.InsufficientScope.WithDetail("You cannot grant a scope that you do not hold: " + strings.Join(beyond, ", "))
	}
	return granted, nil
}

// bound refuses a key that exceeds its maker: only an administrator may set a limit above the
// deployment's, and a key made by a key does not outlive it.
func (h handler) bound(k *apikey.Key, p gateway.Principal) error {
	if p.Role() != user.Admin {
		for c, most := range h.limits.Max {
			if most > 0 && k.Of(c) > most {
				return problem.Forbidden.WithDetail(fmt.Sprintf(
					"Only an administrator may set a limit above the deployment's, which is %d for %s", most, c))
			}
		}
	}
	if p.Type() == gateway.User || p.ExpiresAt() == 0 {
		return nil
	}
	if k.ExpiresAt > p.ExpiresAt() {
		return problem.Validation(problem.Field{Field: "expires_at", Message: "must not be later than the expiry of the key that creates it"})
	}
	if k.ExpiresAt == 0 {
		k.ExpiresAt = p.ExpiresAt()
	}
	return nil
}
