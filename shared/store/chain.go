package store

import (
	"context"
	"errors"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
)

// The changes of a key, an account or a customer are a chain of entries (package chain). Its head is on the
// key, the user or the customer, where every writer has read it and the condition of the write compares it: so of concurrent
// changes one comes first, and the others follow it. A copy of the head outlives the key, and expires
// with the newest entry.

// headItem is the item HEAD of a key, a user or a customer.
type headItem struct {
	Owner   string `dynamodbav:"owner,omitempty"`
	Project string `dynamodbav:"project,omitempty"`
	audit.Head
	ExpiresAt audit.Moment `dynamodbav:"expires_at"`
}

// append has the writes, for a transaction, that put an entry at the end of the log of the key as it
// was read. It returns the new head, which belongs on the key.
func (s *Store) append(k apikey.Key, e audit.Entry) ([]types.TransactWriteItem, audit.Head, error) {
	return s.appendTo(keyPartition(k.ID), headItem{Owner: k.Owner, Project: k.Project, Head: k.Head}, of(k, e))
}

// appendTo is append for the log in a partition. last has its head.
func (s *Store) appendTo(partition string, last headItem, entries ...audit.Entry) (writes []types.TransactWriteItem, head audit.Head, err error) {
	if len(entries) == 0 {
		return nil, last.Head, nil
	}
	for _, e := range entries {
		if e, last.Head, err = chain.Append(last.Head, e); err != nil {
			return nil, head, err
		}
		entry, err := marshal(e, auditKey(partition, e.ID))
		if err != nil {
			return nil, head, err
		}
		writes = append(writes, types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: entry, ConditionExpression: aws.String(ifAbsent)}})
	}
	last.ExpiresAt = last.ChainUntil
	copied, err := marshal(last, headKey(partition))
	return append(writes, types.TransactWriteItem{Put: &types.Put{TableName: &s.table, Item: copied}}), last.Head, err
}

// headAsRead is the condition that no other change of a key or user has come since it was read.
func headAsRead(h audit.Head) (condition string, values item) {
	if h.ChainSeq == 0 {
		return "attribute_not_exists(chain_seq)", item{}
	}
	return "chain_seq = :chain_seq", item{":chain_seq": num(h.ChainSeq)}
}

// moveHead has an update of a key or user also move the head of its chain, on condition that it is as
// it was read.
func moveHead(u *types.Update, from, to audit.Head) {
	condition, read := headAsRead(from)
	values := item{
		":chain_next": num(to.ChainSeq), ":chain_until": num(int64(to.ChainUntil)),
		":chain_hash": &types.AttributeValueMemberB{Value: to.ChainHash},
	}
	maps.Copy(values, read)
	maps.Copy(values, u.ExpressionAttributeValues)
	update := "SET chain_seq = :chain_next, chain_hash = :chain_hash, chain_until = :chain_until"
	if sets, some := strings.CutPrefix(*u.UpdateExpression, "SET "); some {
		update += ", " + sets
	} else if *u.UpdateExpression != "" {
		update += " " + *u.UpdateExpression
	}
	u.UpdateExpression, u.ExpressionAttributeValues = &update, values
	u.ConditionExpression = aws.String(*u.ConditionExpression + " AND " + condition)
}

// atHead tries a change of a key, again after each other change that came before it, if it can still
// be done after that one. Then some other change has succeeded, so this ends.
func (s *Store) atHead(k apikey.Key, possible func(found item) bool, try func(apikey.Key) (item, error)) (item, error) {
	for {
		found, err := try(k)
		if !errors.Is(err, errCondition) || found == nil || !possible(found) {
			return found, err
		}
		is, failed := unmarshal[headItem](found)
		if failed != nil {
			return nil, failed
		}
		if is.ChainSeq == k.ChainSeq {
			return found, err
		}
		k.Head, k.Owner, k.Project = is.Head, is.Owner, is.Project // it may have been handed over
	}
}

// notRevoked reports whether a key can still change: a revoked one can only be deleted.
func notRevoked(found item) bool { return text(found, "revoked_at") == "" }

// heads reads whose the logs of the keys are that child items name, and their heads, by id.
func (s *Store) heads(ctx context.Context, children []item) (map[string]apikey.Key, error) {
	var wanted []item
	for _, it := range children {
		wanted = append(wanted, keyKey(strings.TrimPrefix(text(it, attrSK), childPrefix)))
	}
	found, err := getAll[apikey.Key](ctx, s, wanted)
	heads := map[string]apikey.Key{}
	for _, k := range found {
		heads[k.ID] = apikey.Key{ID: k.ID, Owner: k.Owner, Project: k.Project, Head: k.Head}
	}
	return heads, err
}

// LogOf returns whose a key's log is, and the head of its chain. The log outlives the key. Error:
// ErrNotFound if there is neither a key nor a head, as after a deletion by an older release.
func (s *Store) LogOf(ctx context.Context, keyID string) (owner, project string, head audit.Head, err error) {
	out, err := s.db.Query(ctx, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND sk BETWEEN :head AND :key"),
		ExpressionAttributeValues: item{":pk": str(keyPartition(keyID)), ":head": str(headSort), ":key": str(keySort)},
	})
	if err != nil {
		return "", "", head, failed("find out whose a key's log is", err)
	}
	if len(out.Items) == 0 {
		return "", "", head, ErrNotFound
	}
	for _, it := range out.Items {
		one, err := unmarshal[headItem](it)
		if err != nil {
			return "", "", head, err
		}
		if owner == "" || text(it, attrSK) == keySort { // the head, and over it the key, knows best
			owner, project = one.Owner, one.Project
		}
		if one.ChainSeq > head.ChainSeq { // who puts one of them back does not hide what followed
			head = one.Head
		}
	}
	return owner, project, head, nil
}
