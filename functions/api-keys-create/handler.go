package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/newkey"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/secret"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

type handler struct {
	store     *store.Store
	pepper    *secret.Source
	retention time.Duration
	limits    ratelimit.Limits
	most      int // keys of an owner; 0 is no bound
}

// tries is how often the key that makes another may change, or be handed over, at that moment.
const tries = 3

func (h handler) serve(ctx context.Context, r *gateway.Request, p gateway.Principal) (gateway.Response, error) {
	var body newkey.Request
	if err := r.JSON(&body); err != nil {
		return gateway.Response{}, err
	}
	for range tries {
		if res, err := h.create(ctx, r, p, body); !errors.Is(err, store.ErrConflict) {
			return res, err
		}
	}
	return gateway.Response{}, problem.Duplicate.WithDetail("The user or the API key that creates it was changed at the same moment; try again")
}

// create creates the key once. Error: store.ErrConflict if who creates it has changed meanwhile.
func (h handler) create(ctx context.Context, r *gateway.Request, p gateway.Principal, body newkey.Request) (gateway.Response, error) {
	k, by, err := h.permitted(ctx, r, p, body)
	if err != nil {
		return gateway.Response{}, err
	}
	if err := h.room(ctx, k.Owner); err != nil {
		return gateway.Response{}, err
	}
	ring, err := h.pepper.Ring(ctx)
	if err != nil {
		return gateway.Response{}, err
	}
	r.Concerns(k.ID)
	full := apikey.New(k.Prefix, k.ID)
	k.Hash, k.Masked = ring.MAC(full), apikey.Mask(full)
	entry := audit.New(audit.Created, r.Source(p), h.retention)
	entry.Detail = map[string]string{"type": string(k.Type), "scopes": strings.Join(k.Scopes, " ")}
	if err := h.store.CreateKeyBy(ctx, by, k, entry); err != nil {
		return gateway.Response{}, err
	}
	view := k.View(r.Now)
	view.Key = full
	return gateway.JSON(201, view), nil
}

// room refuses a key whose owner has as many as the deployment allows.
func (h handler) room(ctx context.Context, owner string) error {
	if h.most == 0 {
		return nil
	}
	full, err := h.store.HasKeys(ctx, owner, h.most)
	if full {
		return problem.Full(fmt.Sprintf("its owner has %d API keys, the most in this deployment; delete those that nobody needs", h.most))
	}
	return err
}

// permitted returns the key that the request asks for, still without a secret, and who makes it.
func (h handler) permitted(ctx context.Context, r *gateway.Request, p gateway.Principal, body newkey.Request) (k apikey.Key, by apikey.Maker, err error) {
	w, err := body.Read(r.Now)
	if err != nil {
		return k, by, err
	}
	if by, err = owned.Maker(ctx, h.store, p, h.limits, r.Now); err != nil {
		return k, by, err
	}
	k = w.Key
	if k.Scopes, err = w.Granted(by); err != nil {
		return k, by, err
	}
	var whose customer.Customer
	if body.CustomerID != "" {
		if whose, err = owned.Customer(ctx, h.store, p, body.CustomerID); err != nil {
			return k, by, err
		}
	}
	in, err := owned.Project(ctx, h.store, p, cmp.Or(body.ProjectID, whose.Project))
	if err != nil {
		return k, by, err
	}
	k.ID, k.Prefix, k.Generation = apikey.NewID(), k.Type.Prefix(in.KeyPrefix), 1
	k.Owner, k.OwnerEmail, k.Project = p.UserID(), p.Email(), in.ID
	if whose.ID != "" {
		if err := w.For(whose, &k); err != nil {
			return k, by, err
		}
	}
	if by.Key == nil {
		return k, by, h.bound(k, p)
	}
	if by.Key.Depth >= apikey.MaxDepth {
		return k, by, problem.Forbidden.WithDetail("The key was made by a key that a key made, and so on: it cannot make another")
	}
	k.Owner, k.OwnerEmail = by.Key.Owner, by.Key.OwnerEmail // by now: it may just have been handed over
	by.Endow(&k, r.Now)
	if beyond := by.Exceeded(&k); beyond != nil {
		return k, by, exceeds(beyond)
	}
	return k, by, nil
}

// exceeds refuses a key that is more than the credential that creates it.
func exceeds(fields []string) error {
	messages := map[string]string{
		"expires_at":  "must not be later than the credential that creates the key expires",
		"allowed_ips": "must be within those of the key that creates it",
		"rate_limit":  "must not be above that of the key that creates it",
		"customer_id": "must be that of the key that creates it",
		"quota":       "must be of the same period as that of the key that creates it, or of none, and not above it",
	}
	var wrong []problem.Field
	for _, field := range fields {
		wrong = append(wrong, problem.Field{
			Field: field, Message: cmp.Or(messages[field], "must not exceed the credential that creates the key"),
		})
	}
	return problem.Validation(wrong...)
}

// bound refuses a limit above the deployment's, unless an administrator sets it.
func (h handler) bound(k apikey.Key, p gateway.Principal) error {
	if p.Role() == user.Admin {
		return nil
	}
	for c, most := range h.limits.Max {
		if most > 0 && k.Of(c) > most {
			return problem.Forbidden.WithDetail(fmt.Sprintf(
				"Only an administrator may set a limit above the deployment's, which is %d for %s", most, c))
		}
	}
	return nil
}
