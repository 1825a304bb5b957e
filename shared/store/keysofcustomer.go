package store

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
)

// KeysOfCustomer lists the keys that were made for a customer, newest first.
func (s *Store) KeysOfCustomer(ctx context.Context, id string, page Page) ([]apikey.Key, Cursor, error) {
	return s.Keys(ctx, id, page)
}

// forCustomer has the writes, for a transaction, that go with a new key of a customer: a check that the
// customer is of the key's project and was not deleted, and the key's place in the customer's list.
func (s *Store) forCustomer(k apikey.Key) []types.TransactWriteItem {
	if k.Customer == "" {
		return nil
	}
	return []types.TransactWriteItem{
		{ConditionCheck: &types.ConditionCheck{
			TableName: &s.table, Key: customerKey(k.Customer),
			ConditionExpression:                 aws.String("#project = :project AND attribute_not_exists(deleted_at)"),
			ExpressionAttributeNames:            map[string]string{"#project": "project"},
			ExpressionAttributeValues:           item{":project": str(k.Project)},
			ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
		}},
		s.amongCustomers(k),
	}
}

// amongCustomers is the write of a key's place in its customer's list, which goes when the key has expired.
func (s *Store) amongCustomers(k apikey.Key) types.TransactWriteItem {
	place := keyOfCustomerKey(k.ID)
	for name, value := range owned(k.Customer, keys, k.CreatedAt, k.ID) {
		place[name] = value
	}
	if k.ExpiresAt != 0 {
		place[attrExpiresAt] = num(k.ExpiresAt)
	}
	return types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: place}}
}

// withoutCustomer has the write, for a transaction, that goes with the deletion of a key.
func (s *Store) withoutCustomer(k apikey.Key) []types.TransactWriteItem {
	if k.Customer == "" {
		return nil
	}
	return []types.TransactWriteItem{{Delete: &types.Delete{TableName: &s.table, Key: keyOfCustomerKey(k.ID)}}}
}
