// Package owned finds what a caller asks for by its id, if the caller owns it. A thing
// that belongs to somebody else does not exist: the answer is the same 404, after the
// same read.
package owned

import (
	"context"
	"errors"
	"time"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/gateway"
	"github.com/latchkey/latchkey/shared/problem"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/run"
	"github.com/latchkey/latchkey/shared/store"
	"github.com/latchkey/latchkey/shared/user"
)

// Key returns the key with that id, or RESOURCE_NOT_FOUND.
func Key(ctx context.Context, s *store.Store, p gateway.Principal, id string) (apikey.Key, error) {
	return key(ctx, s, id, p.Reaches)
}

// OverseenKey is Key for what an administrator who is logged in may do to the key of anybody: see it
// and end it.
func OverseenKey(ctx context.Context, s *store.Store, p gateway.Principal, id string) (apikey.Key, error) {
	return key(ctx, s, id, p.Oversees)
}

func key(ctx context.Context, s *store.Store, id string, exists func(owner, project string) bool) (apikey.Key, error) {
	if !apikey.ValidID(id) {
		return apikey.Key{}, problem.NotFound
	}
	k, err := s.Key(ctx, id)
	if err != nil {
		return apikey.Key{}, Refusal(err)
	}
	if !exists(k.Owner, k.Project) {
		return apikey.Key{}, problem.NotFound
	}
	return k, nil
}

// Everybody is the value of the query parameter owner that names all owners.
const Everybody = "*"

// Owner returns whose things a request lists: those of its query parameter owner, or the caller's
// own. To an administrator who is logged in everybody exists, and to others only they themselves:
// RESOURCE_NOT_FOUND.
func Owner(r *gateway.Request, p gateway.Principal) (string, error) {
	owner := r.Query("owner")
	switch {
	case owner == "" || owner == p.UserID():
		return p.UserID(), nil
	case !p.Administrator():
		return "", problem.NotFound
	case owner != Everybody && !user.ValidID(owner):
		return "", problem.NotFound
	}
	return owner, nil
}

// Session returns the id of the caller's session. It returns FORBIDDEN for a key, which has no
// session: a key with the scope admin may call the routes of sessions too.
func Session(p gateway.Principal) (string, error) {
	if p.Type() != gateway.User && p.Type() != gateway.Setup || p.SessionID() == "" {
		return "", problem.Forbidden.WithDetail("This request needs a user's token, not an API key")
	}
	return p.SessionID(), nil
}

// User returns the caller, or the owner of the key that calls, as the caller may see them.
func User(ctx context.Context, s *store.Store, p gateway.Principal) (user.View, error) {
	u, err := s.User(ctx, p.UserID())
	if err != nil {
		return user.View{}, Refusal(err)
	}
	view := u.View()
	if p.Type() != gateway.User && !apikey.Type(p.KeyType()).ShowsOwner() {
		view.Email = ""
	}
	return view, nil
}

// KeyLog returns the head of the log of the key with that id, or RESOURCE_NOT_FOUND unless the
// caller may see the key, or might until it was deleted: the log outlives the key and names its owner.
func KeyLog(ctx context.Context, s *store.Store, p gateway.Principal, id string, now time.Time) (audit.Head, error) {
	if !apikey.ValidID(id) {
		return audit.Head{}, problem.NotFound
	}
	owner, in, head, err := s.LogOf(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		var newest []audit.Entry
		newest, _, err = s.AuditLog(ctx, id, store.Page{Limit: 1}, now)
		if len(newest) == 1 {
			owner, in = newest[0].Owner, newest[0].Project
		}
	}
	if err != nil {
		return audit.Head{}, err
	}
	if !p.Oversees(owner, in) {
		return audit.Head{}, problem.NotFound
	}
	return head, nil
}

// Project returns the project with that id, or RESOURCE_NOT_FOUND. For "" it returns the project
// of the key, or the first project of the user, that calls.
func Project(ctx context.Context, s *store.Store, p gateway.Principal, id string) (project.Project, error) {
	return inProject(ctx, s, p, id, p.Reaches)
}

// OverseenProject is Project for what an administrator who is logged in may see of everybody's.
func OverseenProject(ctx context.Context, s *store.Store, p gateway.Principal, id string) (project.Project, error) {
	return inProject(ctx, s, p, id, p.Oversees)
}

func inProject(ctx context.Context, s *store.Store, p gateway.Principal, id string, exists func(owner, project string) bool) (project.Project, error) {
	if id == "" {
		id = p.Project()
	}
	if id == "" {
		id = user.DefaultProject(p.UserID())
	}
	if !project.ValidID(id) {
		return project.Project{}, problem.NotFound
	}
	found, err := s.Project(ctx, id)
	if err != nil {
		return project.Project{}, Refusal(err)
	}
	if !exists(found.Owner, found.ID) {
		return project.Project{}, problem.NotFound
	}
	return found, nil
}

// Run returns the run with that id, or RESOURCE_NOT_FOUND. A person reaches the runs that they or
// their keys started, and those of their projects: who is handed a project sees what ran in it before.
func Run(ctx context.Context, s *store.Store, p gateway.Principal, id string, now time.Time) (run.Run, error) {
	if !run.ValidID(id) {
		return run.Run{}, problem.NotFound
	}
	found, err := s.Run(ctx, id, now)
	if err != nil {
		return run.Run{}, Refusal(err)
	}
	if p.Type() == gateway.Ticket {
		if p.RunID() != found.ID { // whoever asked for the ticket reached the run
			return run.Run{}, problem.NotFound
		}
		return found, nil
	}
	if p.Reaches(found.Owner, found.Project) {
		return found, nil
	}
	if p.Type() != gateway.User {
		return run.Run{}, problem.NotFound
	}
	in, err := s.Project(ctx, found.Project)
	if err == nil && in.Owner != p.UserID() {
		err = problem.NotFound
	}
	return found, Refusal(err)
}

// Refusal turns store.ErrNotFound into RESOURCE_NOT_FOUND and returns any other error
// unchanged: a thing may be gone when the caller changes it, although it was there when
// it was found.
func Refusal(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return problem.NotFound
	}
	return err
}
