package owned

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/factor"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// A Factor is one of a user's second factors, with what was read around it.
type Factor struct {
	factor.Factor
	User user.User
	All  factor.Set
}

// Last reports whether a login asks for this factor and for no other.
func (f Factor) Last() bool { return !f.Pending() && len(f.All.Confirmed("")) == 1 }

// FactorOf returns the second factor of a user with that id, or RESOURCE_NOT_FOUND.
func FactorOf(ctx context.Context, s *store.Store, userID, id string, now time.Time) (f Factor, err error) {
	if f.User, err = s.User(ctx, userID); err != nil {
		return f, Refusal(err)
	}
	if f.All, err = s.Factors(ctx, userID, now); err != nil {
		return f, err
	}
	var found bool
	if f.Factor, found = f.All.Find(id); !found {
		return f, problem.NotFound
	}
	return f, nil
}

// FactorRefusal turns the errors of a change of second factors into refusals.
func FactorRefusal(err error) error {
	switch {
	case errors.Is(err, store.ErrUnproven):
		return problem.ProofRequired
	case errors.Is(err, store.ErrConflict):
		return problem.Duplicate.WithDetail("The account's factors changed at this moment; try again")
	}
	return err
}
