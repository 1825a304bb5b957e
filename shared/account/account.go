// Package account owns what administrators do to users.
//
//	change ─► the user's item, together with a check that an administrator stays ─► end ─► finish
//	          (new logins and keys are refused from here on)                       every session and key that
//	                                                                                the user has no right to
//
// The item says from the first step on that something is to end, and says so until all of it has
// ended. If the function dies in between, or there is more than a request has time for, the same request
// again goes on; and nothing that undoes the first step is done before the rest is. Until then what has
// not ended is good: a check of a key reads the key alone.
package account

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/owned"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// Accounts changes users for administrators.
type Accounts struct {
	Store     *store.Store
	Retention time.Duration // of the audit log
	Within    time.Duration // what a request takes at most; 0 for longest
}

// longest leaves a function that has 29 seconds, as long as API Gateway waits, the time to answer.
const longest = 20 * time.Second

// limited bounds what a request does, of which a repeated request does the rest.
func (a Accounts) limited(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, cmp.Or(a.Within, longest))
}

// ByAdministrator returns FORBIDDEN unless an administrator calls who is logged in. A key with the
// scope admin acts in its project, and users are of no project.
func ByAdministrator(p gateway.Principal) error {
	if !p.Administrator() {
		return problem.Forbidden.WithDetail("Only an administrator who is logged in may see and change users")
	}
	return nil
}

// Of returns the user whom the request's path names, to an administrator.
func (a Accounts) Of(ctx context.Context, r *gateway.Request, p gateway.Principal) (user.User, error) {
	if err := ByAdministrator(p); err != nil {
		return user.User{}, err
	}
	id := r.Path("id")
	if !user.ValidID(id) {
		return user.User{}, problem.NotFound
	}
	u, err := a.Store.User(ctx, id)
	return u, owned.Refusal(err)
}

// Change changes the user whom the request's path names, and ends what they have no right to then.
func (a Accounts) Change(ctx context.Context, r *gateway.Request, p gateway.Principal, c store.Change) (user.User, error) {
	u, err := a.Of(ctx, r, p)
	if err != nil || c.Done(u) {
		return u, err
	}
	ctx, cancel := a.limited(ctx)
	defer cancel()
	var done store.Ended
	u, err = a.change(ctx, r, p, u, c, &done)
	if err != nil && ctx.Err() != nil {
		slog.WarnContext(ctx, "the change of a user is not finished", "by", p.UserID(), "user", r.Path("id"), "error", err)
		return u, problem.Unfinished(progress(&done))
	}
	return u, err
}

func (a Accounts) change(ctx context.Context, r *gateway.Request, p gateway.Principal, u user.User, c store.Change, done *store.Ended) (_ user.User, err error) {
	if u.Ending != "" && c.Disabled != nil && !*c.Disabled { // else keys that were to end would open again
		if err := a.end(ctx, r, p, u, done); err != nil {
			return u, err
		}
	}
	if u, err = a.Store.ChangeUser(ctx, p.UserID(), u.ID, c, a.entry(r, p), r.Now); err != nil {
		return u, refusal(err)
	}
	if err := a.end(ctx, r, p, u, done); err != nil {
		return u, err
	}
	if c.Delete {
		return u, owned.Refusal(a.Store.Erase(ctx, u, a.Retention, a.because(r, p, u), r.Now, done))
	}
	u, err = a.Store.Finish(ctx, u)
	if errors.Is(err, store.ErrConflict) { // another change has come since, and finishes
		u, err = a.Store.User(ctx, u.ID)
		err = owned.Refusal(err)
	}
	return u, err
}

// progress is what a caller is told of a change that is not finished.
func progress(done *store.Ended) map[string]int {
	all := map[string]int{"sessions": int(done.Sessions.Load()), "api_keys": int(done.Keys.Load())}
	if n := int(done.Customers.Load()); n > 0 {
		all["customers"] = n
	}
	return all
}

// entry makes entries of what an administrator does.
func (a Accounts) entry(r *gateway.Request, p gateway.Principal) func(action string) audit.Entry {
	return func(action string) audit.Entry { return audit.New(action, r.Source(p), a.Retention) }
}

func (a Accounts) end(ctx context.Context, r *gateway.Request, p gateway.Principal, u user.User, done *store.Ended) error {
	return a.Store.End(ctx, u, a.because(r, p, u), done)
}

// because makes entries of what ends with a change of a user.
func (a Accounts) because(r *gateway.Request, p gateway.Principal, u user.User) func(action string) audit.Entry {
	return func(action string) audit.Entry {
		e := audit.New(action, r.Source(p), a.Retention)
		e.Detail = map[string]string{"because": because(u)}
		return e
	}
}

// because is why a user's keys and customers end, for their logs.
func because(u user.User) string {
	switch {
	case u.DeletingAt != nil:
		return "the owner was deleted"
	case u.DisabledAt != nil:
		return "the owner was disabled"
	}
	return "the owner is no administrator any more"
}

func refusal(err error) error {
	switch {
	case errors.Is(err, store.ErrLastAdministrator):
		return problem.Forbidden.WithDetail("You are the last administrator: make another one first")
	case errors.Is(err, store.ErrNotAdministrator):
		return problem.Forbidden.WithDetail("You are no administrator any more")
	case errors.Is(err, store.ErrConflict):
		return problem.Duplicate.WithDetail("The user is being deleted; repeat the deletion")
	}
	return owned.Refusal(err)
}
