package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
)

// When a key was last let through is an item beside its uses, which has the key's id and
// last_used_at: the key's own partition takes no write for it. The landed release kept that
// attribute on the key, in the write that counted a limited request; the later one holds.

// SetLastUses keeps, of each key, when it was last let through, for as long as an entry of
// that time. A use that comes late changes nothing. It tries until ctx ends.
func (s *Store) SetLastUses(ctx context.Context, uses []audit.Use, retention time.Duration) error {
	last := map[string]time.Time{}
	for _, u := range uses {
		if u.Proven && !u.Refused && u.At.After(last[u.KeyID]) {
			last[u.KeyID] = u.At
		}
	}
	for id, at := range last {
		if err := patiently(ctx, func() error { return s.setLastUse(ctx, id, at, retention) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) setLastUse(ctx context.Context, id string, at time.Time, retention time.Duration) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: lastUseKey(id),
		UpdateExpression:          aws.String("SET id = :id, last_used_at = :at, expires_at = :until"),
		ConditionExpression:       aws.String("attribute_not_exists(last_used_at) OR last_used_at < :at"),
		ExpressionAttributeValues: item{":id": str(id), ":at": num(at.Unix()), ":until": num(at.Add(retention).Unix())},
	})
	return conditional("keep the last use of a key", err, nil) // a later use is known
}

// WithLastUse returns the key with its last use, to be shown.
func (s *Store) WithLastUse(ctx context.Context, k apikey.Key) (apikey.Key, error) {
	last, err := get[apikey.Key](ctx, s, lastUseKey(k.ID))
	if err != nil && !errors.Is(err, ErrNotFound) {
		return k, err
	}
	k.LastUsedAt = max(k.LastUsedAt, last.LastUsedAt)
	return k, nil
}

// Keys lists an owner's keys with their last uses, newest first.
func (s *Store) Keys(ctx context.Context, owner string, page Page) ([]apikey.Key, Cursor, error) {
	wanted, next, err := s.placesOf(ctx, owner, keys, page)
	if err != nil {
		return nil, "", err
	}
	for _, key := range slices.Clone(wanted) {
		wanted = append(wanted, lastUseKey(strings.TrimPrefix(text(key, attrPK), keyPartition(""))))
	}
	found, err := getAll[apikey.Key](ctx, s, wanted)
	if err != nil {
		return nil, "", err
	}
	used := map[string]int64{}
	for _, k := range found {
		used[k.ID] = max(used[k.ID], k.LastUsedAt)
	}
	list := slices.DeleteFunc(found, func(k apikey.Key) bool { return k.Hash == "" }) // those are last uses
	for i, k := range list {
		list[i].LastUsedAt = used[k.ID]
	}
	slices.SortStableFunc(list, func(a, b apikey.Key) int { return b.CreatedAt.Compare(a.CreatedAt) })
	return list, next, nil
}
