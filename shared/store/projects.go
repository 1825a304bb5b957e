package store

import (
	"context"
	"slices"

	"github.com/latchkey/latchkey/shared/project"
)

// CreateProject writes a new project.
func (s *Store) CreateProject(ctx context.Context, p project.Project) error {
	it, err := marshal(p, projectKey(p.ID), owned(p.Owner, projects, p.CreatedAt, p.ID))
	if err != nil {
		return err
	}
	return s.putNew(ctx, it)
}

// Project reads a project. Error: ErrNotFound.
func (s *Store) Project(ctx context.Context, id string) (project.Project, error) {
	return get[project.Project](ctx, s, projectKey(id))
}

// Projects lists an owner's projects, newest first.
func (s *Store) Projects(ctx context.Context, owner string, page Page) ([]project.Project, Cursor, error) {
	list, next, err := listOwned[project.Project](ctx, s, owner, projects, page)
	slices.SortStableFunc(list, func(a, b project.Project) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return list, next, err
}
