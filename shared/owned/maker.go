package owned

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/scope"
	"github.com/latchkey/latchkey/shared/store"
)

// Maker returns the caller as a maker of keys. A key is read again: what the authorizer found may
// have changed since, for as long as its answer is cached. It returns the refusal of a credential
// that has ended meanwhile.
func Maker(ctx context.Context, s *store.Store, p gateway.Principal, limits ratelimit.Limits, now time.Time) (apikey.Maker, error) {
	if p.Type() == gateway.User {
		return UserAsMaker(p), nil
	}
	if p.KeyID() == "" || p.KeyGeneration() == 0 {
		return apikey.Maker{}, fmt.Errorf("a caller of type %q without a key's id and generation cannot make keys", p.Type())
	}
	k, err := s.Key(ctx, p.KeyID())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return apikey.Maker{}, err
	}
	if err == nil {
		err = k.CheckToken(p.TokenID(), p.KeyGeneration(), now)
	}
	switch {
	case errors.Is(err, apikey.ErrRevoked):
		return apikey.Maker{}, problem.APIKeyRevoked
	case errors.Is(err, apikey.ErrExpired):
		return apikey.Maker{}, problem.APIKeyExpired
	case errors.Is(err, apikey.ErrDisabled):
		return apikey.Maker{}, problem.APIKeyDisabled
	case err != nil:
		return apikey.Maker{}, problem.APIKeyInvalid
	}
	until := k.Until(p.KeyGeneration())
	if end := p.ExpiresAt(); end != 0 && (until == 0 || end < until) { // of a token
		until = end
	}
	return apikey.Maker{
		Key: &k, Generation: p.KeyGeneration(), TokenID: p.TokenID(), Until: until, Scopes: p.Scopes().Intersect(k.Grants()), Limits: limits,
	}, nil
}

// UserAsMaker returns a user's session as a maker of keys.
func UserAsMaker(p gateway.Principal) apikey.Maker {
	return apikey.Maker{Scopes: p.Scopes(), ByRole: scope.Default().OfRole(p.Role())}
}

// RevokeAllFrom revokes every key that came from k, which is revoked already, and returns how many
// it revoked. The entry of each names k.
func RevokeAllFrom(ctx context.Context, s *store.Store, k apikey.Key, by audit.Source, retention time.Duration) (int, error) {
	return s.RevokeAllFrom(ctx, k, func() audit.Entry {
		e := audit.New(audit.Revoked, by, retention)
		e.Detail = map[string]string{"cascade_from": k.ID}
		return e
	})
}
