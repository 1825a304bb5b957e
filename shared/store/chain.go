package store

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
	"github.com/latchkey/latchkey/shared/chain"
)

// The changes of a key are a chain of entries (package chain). Its head is on the key, where every
// writer has read it and the condition of the write compares it: so of concurrent changes one comes
// first, and the others follow it. A copy of the head outlives the key, and expires with the newest
// entry.

// headItem is KEY#<id> HEAD.
type headItem struct {
	Owner   string `dynamodbav:"owner"`
	Project string `dynamodbav:"project"`
	audit.Head
	ExpiresAt audit.Moment `dynamodbav:"expires_at"`
}

// append has the writes, for a transaction, that put an entry at the end of the log of the key as it
// was read. It returns the new head, which belongs on the key.
func (s *Store) append(k apikey.Key, e audit.Entry) ([]types.TransactWriteItem, audit.Head, error) {
	e, head, err := chain.Append(k.Head, of(k, e))
	if err != nil {
		return nil, head, err
	}
	entry, err := marshal(e, auditKey(k.ID, e.ID))
	if err != nil {
		return nil, head, err
	}
	copied, err := marshal(headItem{k.Owner, k.Project, head, head.ChainUntil}, headKey(k.ID))
	return []types.TransactWriteItem{
		{Put: &types.Put{TableName: &s.table, Item: entry, ConditionExpression: aws.String(ifAbsent)}},
		{Put: &types.Put{TableName: &s.table, Item: copied}},
	}, head, err
}

// headAsRead is the condition that no other change of the key has come since it was read.
func headAsRead(k apikey.Key) (condition string, values item) {
	if k.ChainSeq == 0 {
		return "attribute_not_exists(chain_seq)", item{}
	}
	return "chain_seq = :chain_seq", item{":chain_seq": num(k.ChainSeq)}
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
