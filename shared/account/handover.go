package account

import (
	"context"
	"errors"
	"log/slog"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// HandOver hands the projects and the keys of the user whom the request's path names to another. The
// keys go on as they are, all the while.
func (a Accounts) HandOver(ctx context.Context, r *gateway.Request, p gateway.Principal, to string) (store.Handover, error) {
	from, err := a.Of(ctx, r, p)
	if err != nil {
		return store.Handover{}, err
	}
	heir, err := a.heir(ctx, "to", to, from.ID)
	if err != nil {
		return store.Handover{}, err
	}
	if from.DisabledAt != nil {
		return store.Handover{}, problem.Duplicate.WithDetail("The user is disabled: their API keys have ended, and cannot be handed over")
	}
	ctx, cancel := a.limited(ctx)
	defer cancel()
	done, err := a.Store.HandOver(ctx, from, heir, r.Now, a.entry(r, p))
	switch {
	case errors.Is(err, store.ErrConflict):
		return done, problem.Duplicate.WithDetail("One of the two users was disabled or deleted meanwhile")
	case err != nil && ctx.Err() != nil:
		slog.WarnContext(ctx, "the hand-over is not finished", "by", p.UserID(), "from", from.ID, "to", to, "error", err)
		return done, problem.Unfinished(map[string]int{"projects": done.Projects, "api_keys": done.Keys})
	}
	return done, err
}

// HandKeyOver hands one key to another user. Error: store.ErrConflict if the key has changed since it
// was read.
func (a Accounts) HandKeyOver(ctx context.Context, r *gateway.Request, p gateway.Principal, k apikey.Key, to string) (apikey.Key, error) {
	if !p.Administrator() {
		return k, problem.Forbidden.WithDetail("Only an administrator who is logged in may hand an API key to another owner")
	}
	if to == k.Owner {
		return k, nil
	}
	heir, err := a.heir(ctx, "owner", to, k.Owner)
	switch {
	case err != nil:
		return k, err
	case store.RoleFor(k) == user.Admin && heir.Role != user.Admin:
		return k, problem.Validation(problem.Field{Field: "owner", Message: "must be an administrator, as the API key has the scope admin or verify:all_keys"})
	}
	former, err := a.Store.User(ctx, k.Owner)
	switch {
	case errors.Is(err, store.ErrNotFound) || err == nil && former.DisabledAt != nil:
		return k, problem.Duplicate.WithDetail("The owner is disabled: their API keys end, and cannot be handed over")
	case err != nil:
		return k, err
	}
	return a.Store.HandKeyOver(ctx, k, former, heir, a.entry(r, p))
}

// heir is the user to whom something is handed. Of whom there is none, or who is disabled: VALIDATION_ERROR.
func (a Accounts) heir(ctx context.Context, field, to, from string) (user.User, error) {
	wrong := problem.Validation(problem.Field{Field: field, Message: "must be the id of another user, who is not disabled"})
	if !user.ValidID(to) || to == from {
		return user.User{}, wrong
	}
	u, err := a.Store.User(ctx, to)
	if errors.Is(err, store.ErrNotFound) || err == nil && u.DisabledAt != nil {
		err = wrong
	}
	return u, err
}
