package outbox

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

// few are the messages that a stranger can have sent to one address.
var few = ratelimit.Limit{Category: ratelimit.Auth, Max: 5, Window: time.Hour}

// PutFew is Put for a message to an address that a stranger may cause. Beyond a few an hour it does
// nothing, and does not tell.
func (o Outbox) PutFew(ctx context.Context, s *store.Store, m Message, now time.Time) error {
	_, err := s.CountPublic(ctx, "mail:"+m.Email, &few, now)
	switch {
	case errors.Is(err, store.ErrLimited):
		return nil
	case err != nil:
		return err
	}
	return o.Put(ctx, m)
}
