package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/oauth"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	authn     *authn.Authenticator
	clients   *oauth.Clients
	limit     *ratelimit.Limit // of the client
	retention time.Duration
}

func (h handler) serve(ctx context.Context, r *gateway.Request) (gateway.Response, error) {
	form, err := oauth.ReadForm(r)
	if err != nil {
		return gateway.Response{}, err
	}
	client, err := h.clients.Authenticate(ctx, r, form, h.limit)
	if err != nil {
		return gateway.Response{}, err
	}
	text, err := form.Required("token")
	if err != nil {
		return gateway.Response{}, err
	}
	identity, err := h.authn.Inspect(ctx, text, r.Now)
	switch {
	case errors.As(err, new(*problem.Problem)):
		return gateway.Response{Status: 200}, nil // it is good for nothing already (§2.2)
	case err != nil:
		return gateway.Response{}, err
	case !mayEnd(client, identity):
		return gateway.Response{}, oauth.UnauthorizedClient.WithDetail("The token is not this client's to revoke")
	}
	if err := h.end(ctx, client, identity); err != nil && !errors.Is(err, store.ErrNotFound) {
		return gateway.Response{}, err
	}
	return gateway.Response{Status: 200}, nil
}

// mayEnd reports whether the client may end what it has in hand: itself, its own tokens, a
// session of its owner (whoever has a token of it could log out), and with scope admin
// the keys of its project. That the answer tells of others' is no leak: who holds a
// credential whole can try it.
func mayEnd(c oauth.Client, i authn.Identity) bool {
	own := i.Key != nil && i.Key.ID == c.Key.ID
	return own || c.Sees(i) && (i.Session != nil || i.Claims == nil && c.Scopes.Has(scope.Admin))
}

func (h handler) end(ctx context.Context, c oauth.Client, i authn.Identity) error {
	switch {
	case i.Session != nil:
		return h.store.EndSession(ctx, i.Session.ID, i.Session.UserID)
	case i.Claims == nil:
		_, err := h.store.RevokeKey(ctx, *i.Key, audit.New(audit.Revoked, c.Source, h.retention))
		return err
	}
	entry := audit.New(audit.TokenRevoked, c.Source, h.retention)
	entry.Detail = map[string]string{"jti": i.Claims.RegisteredClaims.ID}
	err := h.store.RevokeToken(ctx, *i.Claims, entry)
	if errors.Is(err, store.ErrFull) {
		return full(i, c.Source.Now)
	}
	return err
}

// full asks the client to wait until the key can forget a token that has expired.
func full(i authn.Identity, now time.Time) error {
	wait := int64(1)
	if len(i.Key.RevokedTokens) > 0 {
		wait = max(1, slices.Min(slices.Collect(maps.Values(i.Key.RevokedTokens)))-now.Unix())
	}
	return problem.RateLimitExceeded.WithDetail("Too many tokens of this key are revoked; revoke or regenerate the key").
		WithHeader("Retry-After", strconv.FormatInt(wait, 10))
}
