package store

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
	"github.com/latchkey/latchkey/shared/customer"
)

// The log of a customer is with the customer. Its changes are a chain, as those of a key (chain.go), and each
// commits with its entry. A change writes the item on which the requests of all the customer's keys are
// counted: a count that meets it is refused for that moment, and competes (transact.go).
//
// What names the customer in an entry is erased with it; the rest stays.

// loggedOf has the writes, for a transaction, that put an entry at the end of the log of a customer as it was
// read. It returns the new head, which belongs on the customer.
func (s *Store) loggedOf(c customer.Customer, e audit.Entry) ([]types.TransactWriteItem, audit.Head, error) {
	e.CustomerID, e.Project = c.ID, c.Project
	return s.appendTo(customerPartition(c.ID), headItem{Project: c.Project, Head: c.Head}, chain.SealCustomer(e))
}

// CustomerLog reads a page of a customer's log, newest first. The log outlives the customer.
func (s *Store) CustomerLog(ctx context.Context, id string, page Page, now time.Time) ([]audit.Entry, Cursor, error) {
	return s.logIn(ctx, customerPartition(id), page, now)
}

// eraseCustomer erases what names a customer, which was deleted, from its log, and notes on its item that it
// did. Nothing is added to the log of a customer that was deleted. Repeating it goes on.
func (s *Store) eraseCustomer(ctx context.Context, id string) error {
	err := s.eraseEntries(ctx, customerPartition(id), audit.PersonalOfCustomer)
	if err != nil {
		return err
	}
	_, err = s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: customerKey(id),
		UpdateExpression:          aws.String("SET erased = :true"),
		ConditionExpression:       aws.String("attribute_exists(deleted_at)"),
		ExpressionAttributeValues: item{":true": &types.AttributeValueMemberBOOL{Value: true}},
	})
	return conditional("note that a customer was erased", err, ErrNotFound)
}

// eraseEntries removes members from the sealed entries of a log, and their salt. What is left stays true, and
// its chain whole. Repeating it goes on.
func (s *Store) eraseEntries(ctx context.Context, partition string, members []string) error {
	pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :audit)"),
		FilterExpression:          aws.String("attribute_exists(salt)"),
		ProjectionExpression:      aws.String("pk, sk"),
		ExpressionAttributeValues: item{":pk": str(partition), ":audit": str(auditPrefix)},
	})
	remove := "REMOVE " + strings.Join(members, ", ")
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return failed("find the entries of a log that name somebody", err)
		}
		err = each(page.Items, atOnce, func(place item) error {
			_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
				TableName: &s.table, Key: place, UpdateExpression: &remove,
				ConditionExpression: aws.String(ifPresent), // its time may remove it meanwhile
			})
			return conditional("erase a name from an entry", err, nil)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
