package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/customer"
	"github.com/latchkey/latchkey/shared/project"
)

// CreateCustomer writes a new customer of a project, and the first entry of its log. Errors: ErrDuplicate if
// the project has one with its external id; ErrConflict if the project is gone, or another's by now, or its
// owner is being deleted, and all its customers with them.
func (s *Store) CreateCustomer(ctx context.Context, in project.Project, c customer.Customer, e audit.Entry) error {
	logged, head, err := s.loggedOf(c, e)
	if err != nil {
		return err
	}
	c.Head = head
	it, err := marshal(c, customerKey(c.ID), owned(c.Project, customers, c.CreatedAt, c.ID))
	if err != nil {
		return err
	}
	named, made := externalKey(c.Project, c.ExternalID), newCustomerKey(c.Project, c.ID)
	named["customer_id"], made[attrExpiresAt] = str(c.ID), num(c.CreatedAt.Add(justMadeFor).Unix())
	old := types.ReturnValuesOnConditionCheckFailureAllOld
	found, err := s.transact(ctx, "create a customer", append(logged,
		types.TransactWriteItem{Put: &types.Put{
			TableName: &s.table, Item: named, ConditionExpression: aws.String(ifAbsent), ReturnValuesOnConditionCheckFailure: old,
		}},
		types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: it, ConditionExpression: aws.String(ifAbsent)}},
		types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: made}},
		types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &s.table, Key: projectKey(in.ID), ConditionExpression: aws.String("#owner = :owner"),
			ExpressionAttributeNames: map[string]string{"#owner": "owner"}, ExpressionAttributeValues: item{":owner": str(in.Owner)},
		}},
		types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: &s.table, Key: userKey(in.Owner),
			ConditionExpression: aws.String("attribute_not_exists(deleting_at) AND attribute_not_exists(deleted_at)"),
		}})...)
	switch {
	case !errors.Is(err, errCondition):
		return err
	case text(found, attrSK) == externalSort:
		return ErrDuplicate
	}
	return ErrConflict
}

// Customer reads a customer. Error: ErrNotFound, also if it was deleted.
func (s *Store) Customer(ctx context.Context, id string) (customer.Customer, error) {
	c, err := s.AnyCustomer(ctx, id)
	if err == nil && c.DeletedAt != nil {
		err = ErrNotFound
	}
	return c, err
}

// AnyCustomer is Customer, and reads also what is left of one that was deleted.
func (s *Store) AnyCustomer(ctx context.Context, id string) (customer.Customer, error) {
	return get[customer.Customer](ctx, s, customerKey(id))
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
	places, next, err := s.placesOf(ctx, project, customers, page)
	if err != nil {
		return nil, "", err
	}
	list, err := s.customersAt(ctx, places)
	return list, next, err
}

// customersAt reads customers, without those that were deleted, newest first.
func (s *Store) customersAt(ctx context.Context, places []item) ([]customer.Customer, error) {
	list, err := getAll[customer.Customer](ctx, s, places)
	list = slices.DeleteFunc(list, func(c customer.Customer) bool { return c.DeletedAt != nil })
	slices.SortFunc(list, newestCustomer)
	return list, err
}

// changeableOfCustomer are the attributes that ChangeCustomer can change, beside the quota.
var changeableOfCustomer = []string{
	"name", "metadata", "scopes", attrDisabledAt, "limit_auth", "limit_management", "limit_read", "limit_write",
}

// asReadCustomer is the condition that a customer is as it was read. A release without a log of customers
// changes the version alone.
const asReadCustomer = "version = :was AND attribute_not_exists(deleted_at)"

// ChangeCustomer makes a customer that was read as next, with an entry of its log. Error: ErrConflict if it
// has changed since, or was deleted.
func (s *Store) ChangeCustomer(ctx context.Context, was, next customer.Customer, e audit.Entry) error {
	before, err := marshal(was)
	if err != nil {
		return err
	}
	after, err := marshal(next)
	if err != nil {
		return err
	}
	names, values := map[string]string{}, item{}
	set, remove := replaced(changeableOfCustomer, before, after, names, values)
	moved, gone := requota(was.Quota, next.Quota, values)
	set, remove = append(set, moved...), append(remove, gone...)
	if len(names) == 0 { // DynamoDB refuses an empty map
		names = nil
	}
	return s.writeCustomer(ctx, "change a customer", was, e, types.Update{
		UpdateExpression:         aws.String(clause("SET ", append(set, "version = :version")) + clause(" REMOVE ", remove)),
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
}

// writeCustomer updates a customer that was read, which sets the version to :version, with an entry of its log and
// what else goes with it. Error: ErrConflict if it has changed since, or was deleted, or another condition does
// not hold.
func (s *Store) writeCustomer(ctx context.Context, attempt string, was customer.Customer, e audit.Entry, update types.Update, also ...types.TransactWriteItem) error {
	update.TableName, update.Key, update.ConditionExpression = &s.table, customerKey(was.ID), aws.String(asReadCustomer)
	update.ExpressionAttributeValues[":was"], update.ExpressionAttributeValues[":version"] = num(was.Version), num(was.Version+1)
	logged, head, err := s.loggedOf(was, e)
	if err != nil {
		return err
	}
	moveHead(&update, was.Head, head)
	_, err = s.transact(ctx, attempt, slices.Concat([]types.TransactWriteItem{{Update: &update}}, logged, also)...)
	if errors.Is(err, errCondition) {
		return ErrConflict
	}
	return err
}

// DeleteCustomer ends all keys of a customer that was read, however many there are: its item stays and says
// so, and each check of such a key reads it. Its external id is free again. Then what names the customer is
// erased from its log. After an error a repeated call goes on, with the customer as it is by then. Errors:
// ErrConflict if it has changed since it was read; ErrNotFound if all of it was done already.
func (s *Store) DeleteCustomer(ctx context.Context, c customer.Customer, e audit.Entry) error {
	if c.Erased {
		return ErrNotFound
	}
	if c.DeletedAt == nil {
		err := s.writeCustomer(ctx, "delete a customer", c, e, types.Update{
			UpdateExpression: aws.String("SET version = :version, deleted_at = :now" +
				" REMOVE #name, metadata, external_id, " + attrOwnerPK + ", " + attrOwnerSK),
			ExpressionAttributeNames:  map[string]string{"#name": "name"},
			ExpressionAttributeValues: item{":now": str(e.At.UTC().Format(time.RFC3339Nano))},
		}, types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: externalKey(c.Project, c.ExternalID),
			ConditionExpression:       aws.String("attribute_not_exists(pk) OR customer_id = :id"),
			ExpressionAttributeValues: item{":id": str(c.ID)},
		}})
		if err != nil {
			return err
		}
	}
	return s.eraseCustomer(ctx, c.ID)
}
