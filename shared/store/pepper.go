package store

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/secret"
)

// Rehash replaces a key's hash with the hash of the same secret under another pepper; there is no
// salt beside that. If the key no longer has that hash, or does not exist, nothing changes. It tries until ctx ends.
func (s *Store) Rehash(ctx context.Context, id, from, to string) error {
	return patiently(ctx, func() error {
		_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &s.table, Key: keyKey(id),
			UpdateExpression:          aws.String("SET key_hash = :to REMOVE salt, salt_after"),
			ConditionExpression:       aws.String("key_hash = :from"),
			ExpressionAttributeValues: item{":from": str(from), ":to": str(to)},
		})
		return conditional("give a key the hash under another pepper", err, nil)
	})
}

// KeysByPepper counts the keys that may still be used by the version of the pepper under their
// hash, "" for imported keys that were not used yet. A key whose old secret is in its grace counts
// for the version under that hash too. It reads the index, which holds little but keys, and then each key, strongly consistent.
func (s *Store) KeysByPepper(ctx context.Context, now time.Time) (map[string]int, error) {
	count := map[string]int{}
	err := s.scan(ctx, "find all keys", dynamodb.ScanInput{
		IndexName:        aws.String(indexByOwner),
		FilterExpression: aws.String("sk = :key"), ExpressionAttributeValues: item{":key": str(string(keys))},
		ProjectionExpression: aws.String("pk, sk"),
	}, func(page []item) error {
		found, err := getAll[apikey.Key](ctx, s, page)
		if err != nil {
			return err
		}
		for _, k := range found {
			if k.Ended(now) {
				continue
			}
			version := secret.VersionOf(k.Hash)
			count[version]++
			if before := secret.VersionOf(k.PrevHash); now.Unix() < k.PrevUntil && before != version {
				count[before]++
			}
		}
		return nil
	})
	return count, err
}
