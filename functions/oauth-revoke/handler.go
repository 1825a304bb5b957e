package main

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/oauth"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/resource"
	"github.com/latchkey/latchkey/shared/revocation"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/store"
)

type handler struct {
	store     *store.Store
	authn     *authn.Authenticator
	clients   *oauth.Clients
	limit     *ratelimit.Limit // of the client
	retention time.Duration
	resources resource.List
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
	identity, err := h.authn.Inspect(ctx, text, h.resources.All(), r.Now)
	switch {
	case errors.Is(err, problem.APIKeyDisabled): // it may be enabled again, so it is ended as a good one is
	case errors.As(err, new(*problem.Problem)):
		return gateway.Response{Status: 200}, nil // the token is already invalid (RFC 7009 §2.2)
	case err != nil:
		return gateway.Response{}, err
	}
	if !mayEnd(client, identity) {
		return gateway.Response{}, oauth.UnauthorizedClient.WithDetail("This client may not revoke this token")
	}
	r.Concerns(ended(identity))
	err = revocation.End(ctx, h.store, identity, client.Source, h.retention, nil)
	if errors.Is(err, store.ErrFull) {
		err = full(identity, r.Now)
	}
	return gateway.Response{Status: 200}, err
}

// ended returns the id of the key or the session that the revocation ends.
func ended(i authn.Identity) string {
	if i.Key != nil {
		return i.Key.ID
	}
	return i.Session.ID
}

// mayEnd reports whether the client may revoke the credential that it sent: itself, a token made
// from it, a session of its owner (any holder of its token could log out), or, with the scope
// admin, a key of its project. The answer may show that another credential exists. That is no
// leak, because whoever has the whole credential can also use it.
func mayEnd(c oauth.Client, i authn.Identity) bool {
	own := i.Key != nil && i.Key.ID == c.Key.ID
	return own || c.Sees(i) && (i.Session != nil || i.Claims == nil && c.Scopes.Has(scope.Admin))
}

// full asks the client to wait until a token on the key's list has expired, so that there is room
// for another.
func full(i authn.Identity, now time.Time) error {
	wait := int64(1)
	if len(i.Key.RevokedTokens) > 0 {
		wait = max(1, slices.Min(slices.Collect(maps.Values(i.Key.RevokedTokens)))-now.Unix())
	}
	return problem.RateLimitExceeded.WithDetail("Too many tokens of this key have been revoked; revoke or regenerate the key").
		WithHeader("Retry-After", strconv.FormatInt(wait, 10))
}
