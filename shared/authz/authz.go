// Package authz finds what a caller asked for by id, if it is the caller's. What is
// another's does not exist: the answer is the same 404, after the same read.
package authz

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

// Key is the key with that id, or RESOURCE_NOT_FOUND.
func Key(ctx context.Context, s *store.Store, p gateway.Principal, id string) (apikey.Key, error) {
	if !apikey.ValidID(id) {
		return apikey.Key{}, problem.NotFound
	}
	k, err := s.Key(ctx, id)
	if err != nil {
		return apikey.Key{}, Refusal(err)
	}
	if !p.Reaches(k.Owner, k.Project) {
		return apikey.Key{}, problem.NotFound
	}
	return k, nil
}

// Session is the id of the session that the caller speaks from, or FORBIDDEN: scope admin
// opens the routes of sessions to keys too, and a key has none.
func Session(p gateway.Principal) (string, error) {
	if p.Type() != gateway.User || p.SessionID() == "" {
		return "", problem.Forbidden.WithDetail("This takes a user's token, not an API key")
	}
	return p.SessionID(), nil
}

// KeyLog says RESOURCE_NOT_FOUND unless the key with that id is, or was before it was
// deleted, the caller's: its log outlives it, and knows whose it was.
func KeyLog(ctx context.Context, s *store.Store, p gateway.Principal, id string, now time.Time) error {
	if !apikey.ValidID(id) {
		return problem.NotFound
	}
	k, err := s.Key(ctx, id)
	owner, in := k.Owner, k.Project
	if errors.Is(err, store.ErrNotFound) {
		var newest []audit.Entry
		newest, _, err = s.AuditLog(ctx, id, store.Page{Limit: 1}, now)
		if len(newest) == 1 {
			owner, in = newest[0].Owner, newest[0].Project
		}
	}
	if err != nil {
		return err
	}
	if !p.Reaches(owner, in) {
		return problem.NotFound
	}
	return nil
}

// Project is the project with that id, or RESOURCE_NOT_FOUND; for "" it is the
// caller's own: a key's project, or a user's first.
func Project(ctx context.Context, s *store.Store, p gateway.Principal, id string) (project.Project, error) {
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
	if !p.Reaches(found.Owner, found.ID) {
		return project.Project{}, problem.NotFound
	}
	return found, nil
}

// Run is the run with that id, or RESOURCE_NOT_FOUND.
func Run(ctx context.Context, s *store.Store, p gateway.Principal, id string, now time.Time) (run.Run, error) {
	if !run.ValidID(id) {
		return run.Run{}, problem.NotFound
	}
	found, err := s.Run(ctx, id, now)
	if err != nil {
		return run.Run{}, Refusal(err)
	}
	if p.Type() == gateway.Ticket {
		if p.RunID() != found.ID || p.UserID() != found.Owner {
			return run.Run{}, problem.NotFound
		}
		return found, nil
	}
	if !p.Reaches(found.Owner, found.Project) {
		return run.Run{}, problem.NotFound
	}
	return found, nil
}

// Refusal words what a caller's request brought about in the store: ErrNotFound and
// ErrCursor. Any other error is itself.
func Refusal(err error) error {
	switch {
	case errors.Is(err, store.ErrNotFound):
		return problem.NotFound
	case errors.Is(err, store.ErrCursor):
		return problem.InvalidParameter.WithDetail("cursor is not one that this list gave out")
	}
	return err
}

// Page reads the query parameters cursor and limit (1 to 100, 50 if absent).
func Page(r *gateway.Request) (store.Page, error) {
	limit, err := r.QueryInt("limit", 50, 1, 100)
	return store.Page{After: store.Cursor(r.Query("cursor")), Limit: limit}, err
}
