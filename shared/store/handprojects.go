package store

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/user"
)

// handProjectsOver hands over a user's projects.
func (s *Store) handProjectsOver(ctx context.Context, h *handing) (n int, err error) {
	first := projectKey(user.DefaultProject(h.from.ID)) // the index may not have it yet
	one := func(place item) error {
		p, err := get[project.Project](ctx, s, place)
		if err != nil || p.Owner != h.from.ID {
			return orNone(err)
		}
		found, err := s.hand(h, "", func(both []types.TransactWriteItem) (item, error) { return s.handProjectOver(ctx, p, h.to, both...) })
		if err == nil {
			n++
		}
		return orNone(notHanded(found, err))
	}
	err = s.eachOf(ctx, h.from.ID, projects, func(places []item) error { return each(places, 1, one) })
	if err == nil {
		err = one(first)
	}
	return n, err
}

// handProjectOver gives a project to another owner, if it is whose it was when it was read.
func (s *Store) handProjectOver(ctx context.Context, p project.Project, to user.User, checks ...types.TransactWriteItem) (found item, err error) {
	return s.transact(ctx, "hand over a project", append([]types.TransactWriteItem{{Update: &types.Update{
		TableName: &s.table, Key: projectKey(p.ID),
		UpdateExpression:         aws.String("SET #owner = :to, by_owner_pk = :place"),
		ConditionExpression:      aws.String("#owner = :from"),
		ExpressionAttributeNames: map[string]string{"#owner": "owner"},
		ExpressionAttributeValues: item{
			":from": str(p.Owner), ":to": str(to.ID), ":place": owned(to.ID, projects, p.CreatedAt, p.ID)[attrOwnerPK],
		},
	}}}, checks...)...)
}

// notHanded is what it means that handProjectOver failed. Errors: ErrConflict if one of the users is
// disabled, ErrNotFound if the project is another's or deleted.
func notHanded(found item, err error) error {
	switch {
	case !errors.Is(err, errCondition):
		return err
	case notAdmitted(found):
		return ErrConflict
	}
	return ErrNotFound
}

// pass disposes of a project of a user who is deleted: it goes to an heir who is not disabled, or is
// deleted if there is none, after its customers. The entries of those come from entry.
func (s *Store) pass(ctx context.Context, place item, from string, entry func(action string) audit.Entry, done *Ended) error {
	for {
		p, err := get[project.Project](ctx, s, place)
		if err != nil || p.Owner != from {
			return orNone(err)
		}
		for _, id := range p.Heirs {
			heir, err := s.User(ctx, id)
			if errors.Is(err, ErrNotFound) || err == nil && (id == from || heir.DisabledAt != nil) {
				continue
			}
			if err == nil {
				err = notHanded(s.handProjectOver(ctx, p, heir, s.mayHave(id, "")))
			}
			if !errors.Is(err, ErrConflict) {
				return orNone(err)
			}
		}
		if err := s.endCustomers(ctx, p.ID, entry, done); err != nil {
			return err
		}
		err = s.deleteProject(ctx, p)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
}
