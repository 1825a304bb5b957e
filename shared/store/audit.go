package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
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

// AddUse adds uses and refusals of a key to the entry of their hour, address and route,
// which it makes if need be. e holds them, with the id of audit.UseID. It is a transaction
// for its idempotency token: tried again after a lost answer, it still adds once, for the
// log must not exceed the truth.
func (s *Store) AddUse(ctx context.Context, k apikey.Key, e audit.Entry) error {
	e.KeyID, e.Owner, e.Project = k.ID, k.Owner, k.Project
	once, err := marshal(e)
	if err != nil {
		return err
	}
	delete(once, "use_count")
	delete(once, "refusals")
	update := "ADD use_count :count, refusals :refusals SET "
	names := map[string]string{}
	values := item{":count": num(e.Count), ":refusals": num(e.Refusals)}
	sep := ""
	for name, value := range once {
		names["#"+name], values[":"+name] = name, value
		update += sep + "#" + name + " = if_not_exists(#" + name + ", :" + name + ")"
		sep = ", "
	}
	_, err = s.transact(ctx, "add uses to a key's log", types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: auditKey(k.ID, e.ID), UpdateExpression: &update,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}})
	return err
}

// AuditLog reads a page of a key's log, newest first. The log outlives the key.
func (s *Store) AuditLog(ctx context.Context, keyID string, page Page, now time.Time) ([]audit.Entry, Cursor, error) {
	partition := "KEY#" + keyID
	start, err := page.After.place(attrPK, partition)
	if err != nil {
		return nil, "", err
	}
	out, err := s.query(ctx, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :audit)"),
		ExpressionAttributeValues: item{":pk": str(partition), ":audit": str(auditPrefix)},
		ScanIndexForward:          aws.Bool(false),
		Limit:                     aws.Int32(int32(page.Limit)),
		ExclusiveStartKey:         start,
	})
	if err != nil {
		return nil, "", err
	}
	entries := make([]audit.Entry, 0, len(out.Items))
	for _, it := range out.Items {
		e, err := unmarshal[audit.Entry](it)
		if err != nil {
			return nil, "", err
		}
		if e.ExpiresAt > now.Unix() {
			entries = append(entries, e)
		}
	}
	next, err := cursorOf(out.LastEvaluatedKey)
	return entries, next, err
}
