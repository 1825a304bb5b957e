package store

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/project"
	"github.com/latchkey/latchkey/shared/user"
)

// CreateUser registers a user, with a first project and the first entries of the account's log. Error:
// ErrDuplicate if the e-mail address is taken.
func (s *Store) CreateUser(ctx context.Context, u user.User, passwordHash string, entries ...audit.Entry) error {
	return s.createUser(ctx, u, passwordHash, entries)
}

// createUser is CreateUser, with what else must hold.
func (s *Store) createUser(ctx context.Context, u user.User, passwordHash string, entries []audit.Entry, also ...types.TransactWriteItem) error {
	logged, head, err := s.logged(u, entries...)
	if err != nil {
		return err
	}
	u.Head = head
	login, err := marshal(user.Login{UserID: u.ID, PasswordHash: passwordHash}, emailKey(u.Email))
	if err != nil {
		return err
	}
	person, err := marshal(u, userKey(u.ID))
	if err != nil {
		return err
	}
	p := project.Default(u)
	first, err := marshal(p, projectKey(p.ID), owned(u.ID, projects, p.CreatedAt, p.ID))
	if err != nil {
		return err
	}
	var writes []types.TransactWriteItem
	for _, it := range []item{login, person, first} {
		writes = append(writes, types.TransactWriteItem{Put: &types.Put{
			TableName: &s.table, Item: it, ConditionExpression: aws.String(ifAbsent),
		}})
	}
	found, err := s.transact(ctx, "register a user", append(append(writes, also...), logged...)...)
	switch {
	case !errors.Is(err, errCondition):
		return err
	case found != nil: // the mark of one who was deleted; a user's items are not asked for
		return ErrDeleted
	}
	return ErrDuplicate
}

// Login reads the login of an e-mail address. Error: ErrNotFound.
func (s *Store) Login(ctx context.Context, email string) (user.Login, error) {
	return get[user.Login](ctx, s, emailKey(email))
}

// ReplacePasswordHash replaces a hash by another of the same password. Error: ErrConflict if the
// password was changed, or the user deleted, since was was read.
func (s *Store) ReplacePasswordHash(ctx context.Context, email, was, hash string) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: emailKey(email),
		UpdateExpression:          aws.String("SET password_hash = :hash"),
		ConditionExpression:       aws.String("password_hash = :was"),
		ExpressionAttributeValues: item{":hash": str(hash), ":was": str(was)},
	})
	return conditional("replace the hash of a password", err, ErrConflict)
}

// User reads a user. Error: ErrNotFound, also for one who was deleted.
func (s *Store) User(ctx context.Context, id string) (user.User, error) {
	u, err := get[user.User](ctx, s, userKey(id))
	if err == nil && u.DeletedAt != nil {
		return user.User{}, ErrNotFound
	}
	return u, err
}
