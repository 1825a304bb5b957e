package store

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
)

// ErrDeleted reports what was there once, and must not come back by itself.
var ErrDeleted = errors.New("was deleted")

// An imported item says that a key was imported. It outlives the key: a list that is imported again
// must not bring a deleted key back.
type imported struct {
	Owner   string `dynamodbav:"owner"`
	Project string `dynamodbav:"project"`
}

// ImportKey writes a key that another product gave out, and the first entry of its log. created is
// false if the same key is there already; nothing changes then. Errors: ErrDuplicate if the id is
// another key's, ErrDeleted.
//
// The table does not keep the imported hash after the key's first use. So two keys with the same
// identifier, in one project, are told apart only before that.
func (s *Store) ImportKey(ctx context.Context, k apikey.Key, e audit.Entry) (created bool, err error) {
	writes, err := s.newKey(k, e)
	if err != nil {
		return false, err
	}
	mark, err := marshal(imported{Owner: k.Owner, Project: k.Project}, importedKey(k.ID))
	if err != nil {
		return false, err
	}
	found, err := s.transact(ctx, "import a key", append([]types.TransactWriteItem{
		{Put: &types.Put{TableName: &s.table, Item: mark, ConditionExpression: aws.String(ifAbsent)}},
	}, writes...)...)
	if !errors.Is(err, errCondition) {
		return err == nil, err
	}
	if notAdmitted(found) {
		return false, ErrConflict
	}
	return false, s.importedBefore(ctx, k)
}

// importedBefore returns nil if k is in the table, else ErrDuplicate or ErrDeleted.
func (s *Store) importedBefore(ctx context.Context, k apikey.Key) error {
	was, err := s.Key(ctx, k.ID)
	switch {
	case errors.Is(err, ErrNotFound):
		return ErrDeleted
	case err != nil:
		return err
	case was.Owner != k.Owner || was.Project != k.Project:
		return ErrDuplicate
	case apikey.IsUnpeppered(was.Hash) && was.Hash != k.Hash: // the same identifier
		return ErrDuplicate
	}
	return nil
}
