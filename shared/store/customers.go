package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/customer"
)

// CreateCustomer writes a new customer. Error: ErrDuplicate if its project has one with its external id.
func (s *Store) CreateCustomer(ctx context.Context, c customer.Customer) error {
	it, err := marshal(c, customerKey(c.ID), owned(c.Project, customers, c.CreatedAt, c.ID))
	if err != nil {
		return err
	}
	named := externalKey(c.Project, c.ExternalID)
	named["customer_id"] = str(c.ID)
	var writes []types.TransactWriteItem
	for _, one := range []item{it, named} {
		writes = append(writes, types.TransactWriteItem{Put: &types.Put{
			TableName: &s.table, Item: one, ConditionExpression: aws.String(ifAbsent),
		}})
	}
	if _, err = s.transact(ctx, "create a customer", writes...); errors.Is(err, errCondition) {
		return ErrDuplicate
	}
	return err
}

// Customer reads a customer. Error: ErrNotFound, also if it was deleted.
func (s *Store) Customer(ctx context.Context, id string) (customer.Customer, error) {
	c, err := get[customer.Customer](ctx, s, customerKey(id))
	if err == nil && c.DeletedAt != nil {
		err = ErrNotFound
	}
	return c, err
}

// CustomerNamed reads the customer of a project with that external id. Error: ErrNotFound.
func (s *Store) CustomerNamed(ctx context.Context, project, externalID string) (customer.Customer, error) {
	named, err := get[struct {
		ID string `dynamodbav:"customer_id"`
	}](ctx, s, externalKey(project, externalID))
	if err != nil {
		return customer.Customer{}, err
	}
	return s.Customer(ctx, named.ID)
}

// Customers lists the customers of a project, newest first.
func (s *Store) Customers(ctx context.Context, project string, page Page) ([]customer.Customer, Cursor, error) {
	list, next, err := listOwned[customer.Customer](ctx, s, project, customers, page)
	list = slices.DeleteFunc(list, func(c customer.Customer) bool { return c.DeletedAt != nil })
	slices.SortStableFunc(list, func(a, b customer.Customer) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return list, next, err
}

// KeysOfCustomer lists the keys that were made for a customer, newest first.
func (s *Store) KeysOfCustomer(ctx context.Context, id string, page Page) ([]apikey.Key, Cursor, error) {
	return s.Keys(ctx, id, page)
}

// changeableOfCustomer are the attributes that ChangeCustomer can change, beside the quota.
var changeableOfCustomer = []string{
	"name", "metadata", "scopes", attrDisabledAt, "limit_auth", "limit_management", "limit_read", "limit_write",
}

// ChangeCustomer makes a customer that was read as next. Error: ErrConflict if it has changed since, or
// was deleted.
func (s *Store) ChangeCustomer(ctx context.Context, was, next customer.Customer) error {
	before, err := marshal(was)
	if err != nil {
		return err
	}
	after, err := marshal(next)
	if err != nil {
		return err
	}
	names, values := map[string]string{}, item{":was": num(was.Version), ":version": num(was.Version + 1)}
	set, remove := replaced(changeableOfCustomer, before, after, names, values)
	set = append(set, "version = :version")
	moved, gone := requota(was.Quota, next.Quota, values)
	set, remove = append(set, moved...), append(remove, gone...)
	if len(names) == 0 { // DynamoDB refuses an empty map
		names = nil
	}
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: customerKey(was.ID),
		UpdateExpression:         aws.String(strings.TrimSpace(clause("SET ", set) + clause(" REMOVE ", remove))),
		ConditionExpression:      aws.String("version = :was AND attribute_not_exists(deleted_at)"),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
	return conditional("change a customer", err, ErrConflict)
}

// DeleteCustomer ends all keys of a customer with one transaction, however many there are: its item stays
// and says so, and each check of such a key reads it. Its external id is free again. Error: ErrNotFound.
func (s *Store) DeleteCustomer(ctx context.Context, c customer.Customer, now time.Time) error {
	_, err := s.transact(ctx, "delete a customer", types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: customerKey(c.ID),
		UpdateExpression: aws.String("SET deleted_at = :now, version = version + :one" +
			" REMOVE #name, metadata, external_id, " + attrOwnerPK + ", " + attrOwnerSK),
		ConditionExpression:      aws.String(ifPresent + " AND attribute_not_exists(deleted_at)"),
		ExpressionAttributeNames: map[string]string{"#name": "name"},
		ExpressionAttributeValues: item{
			":now": str(now.UTC().Format(time.RFC3339Nano)), ":one": num(1),
		},
	}}, types.TransactWriteItem{Delete: &types.Delete{
		TableName: &s.table, Key: externalKey(c.Project, c.ExternalID),
	}})
	if errors.Is(err, errCondition) {
		return ErrNotFound
	}
	return err
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
