// Package revocation ends a credential of any kind.
package revocation

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/authn"
	"github.com/latchkey/latchkey/shared/store"
)

// End revokes a key, a token made from a key, or the session of a user's token. The entry in the
// log of the key or the account has the detail. What has ended already stays as it is. Error:
// store.ErrFull if the key has no room for one more revoked token.
func End(ctx context.Context, s *store.Store, i authn.Identity, by audit.Source, retention time.Duration, detail map[string]string) error {
	err := end(ctx, s, i, by, retention, detail)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func end(ctx context.Context, s *store.Store, i authn.Identity, by audit.Source, retention time.Duration, detail map[string]string) error {
	if i.Session != nil {
		e := audit.New(audit.SessionEnded, by, retention)
		e.Detail = detail
		return s.EndSessionLogged(ctx, *i.Session, e)
	}
	action := audit.Revoked
	if i.Claims != nil {
		action = audit.TokenRevoked
	}
	entry := audit.New(action, by, retention)
	entry.Detail = detail
	if i.Claims == nil {
		_, err := s.RevokeKey(ctx, *i.Key, entry)
		return err
	}
	entry.Detail = map[string]string{"jti": i.Claims.RegisteredClaims.ID}
	for name, value := range detail {
		entry.Detail[name] = value
	}
	return s.RevokeToken(ctx, *i.Claims, entry)
}
