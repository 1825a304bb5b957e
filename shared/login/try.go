package login

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/ratelimit"
	"github.com/latchkey/latchkey/shared/store"
)

// A try is somebody's to log in to an account, which may not exist.
type try struct {
	email, address string
	limit          *ratelimit.Limit // nil: tries are not counted
	now            time.Time
}

// shared names the count of all addresses from which nobody has logged in to the account.
func (t try) shared() string { return "account:" + t.email }

// count counts a try, or refuses it with RATE_LIMIT_EXCEEDED. known reports whether somebody has
// logged in to the account from that address.
//
// What the owner does counts where no stranger can see it: else the tries that are left to a
// stranger would show that the account exists. A try from an address that is known is counted
// elsewhere, for nothing but to take as long.
func (l *Login) count(ctx context.Context, t try) (known bool, err error) {
	if t.limit == nil {
		return false, nil
	}
	known, state, err := l.store.CountTry(ctx, t.email, t.address, *t.limit, t.now)
	if err != nil {
		return false, gateway.Limited(state, err)
	}
	subject := t.shared()
	if known {
		subject = "known:" + t.email
	}
	state, err = l.store.CountPublic(ctx, subject, t.limit, t.now)
	if err == nil || known && errors.Is(err, store.ErrLimited) {
		return known, nil
	}
	return false, gateway.Limited(state, err)
}

// forget takes the counts of a try back that was a login, and has the account know the address and the device.
// again reports whether it did before, or that nobody is to be told of new ones.
func (l *Login) forget(ctx context.Context, t try, known bool, device string) (again bool, err error) {
	if t.limit == nil && l.tell == nil {
		return true, nil
	}
	if t.limit != nil && !known {
		if err := l.store.UncountPublic(ctx, t.shared(), *t.limit, t.now); err != nil {
			return false, err
		}
	}
	again, err = l.store.SignedIn(ctx, t.email, t.address, device, t.now)
	return again || l.tell == nil, err
}
