package main

import (
	"context"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authz"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	pepper    *secret.Source
	retention time.Duration
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
	in, err := authz.Project(ctx, h.store, p, body.ProjectID)
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

// grant is what the key may be given: no more than its type allows, and nothing that
// the caller does not hold. Unasked, a key gets all of that but admin.
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
