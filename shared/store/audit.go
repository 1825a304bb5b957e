package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
)

// entry is the write that puts a lifecycle entry into a key's log, for a transaction.
func (s *Store) entry(k apikey.Key, e audit.Entry) (types.TransactWriteItem, error) {
	it, err := entryItem(k, e)
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &s.table, Item: it, ConditionExpression: aws.String(ifAbsent),
	}}, err
}

func entryItem(k apikey.Key, e audit.Entry) (item, error) {
	e.KeyID, e.Owner, e.Project = k.ID, k.Owner, k.Project
	return marshal(e, auditKey(k.ID, e.ID))
}

// PutEntry adds an entry that records no change of the key itself (token_issued).
func (s *Store) PutEntry(ctx context.Context, k apikey.Key, e audit.Entry) error {
	it, err := entryItem(k, e)
	if err != nil {
		return err
	}
	return s.putNew(ctx, it)
}
