package store

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
	"github.com/latchkey/latchkey/shared/audit"
)

// bounds are the attributes of a key that bound what it makes and who may regenerate it.
var bounds = []string{
	"generation", "type", "scopes", "owner", "project", "expires_at", "allowed_ips",
	"limit_auth", "limit_management", "limit_read", "limit_write", attrQuotaLimit, attrQuotaPeriod,
}

// unchanged is the condition that a key is as it was read, in all its bounds.
func unchanged(k apikey.Key) (condition string, names map[string]string, values item, err error) {
	read, err := marshal(k)
	names, values = map[string]string{}, item{}
	for i, bound := range bounds {
		if i > 0 {
			condition += " AND "
		}
		names["#"+bound] = bound
		if bound == "generation" {
			names["#"+bound] = attributesOf(k).generation
		}
		if value, set := read[bound]; set {
			condition += "#" + bound + " = :" + bound
			values[":"+bound] = value
		} else {
			condition += "attribute_not_exists(#" + bound + ")"
		}
	}
	return condition, names, values, err
}

// A child is a key that came from another. Its item is in the partition of its maker, where a
// strongly consistent Query finds it, and is removed with the child by the table's TTL.
type child struct {
	ID         string `dynamodbav:"id"`
	Maker      int    `dynamodbav:"maker_generation"`     // of the maker's secret, with which the child was made or regenerated
	Generation int    `dynamodbav:"generation,omitempty"` // of the secret that the maker gave it; 0 if the maker made the key
	ExpiresAt  int64  `dynamodbav:"expires_at,omitempty"` // of the child, epoch seconds
}

// fromMaker has the writes, for a transaction, that let a key make or regenerate another: the
// check that it is unchanged, and the other's place among its children. generation is that of the
// secret which it gives to a key that exists, or 0.
func (s *Store) fromMaker(by apikey.Maker, k apikey.Key, generation int, now time.Time) ([]types.TransactWriteItem, error) {
	condition, names, values, err := unchanged(*by.Key)
	if err != nil {
		return nil, err
	}
	values[":now"] = num(now.Unix())
	condition += " AND " + usable
	if by.TokenID != "" {
		names["#jti"] = by.TokenID
		condition += " AND attribute_not_exists(revoked_tokens.#jti)"
	}
	check := types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &s.table, Key: keyKey(by.Key.ID), ConditionExpression: &condition,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}
	if k.CreatedBy == by.Key.ID {
		generation = 0
	}
	it, err := marshal(child{k.ID, by.Generation, generation, k.ExpiresAt}, childKey(by.Key.ID, k.ID))
	return []types.TransactWriteItem{check, {Put: &types.Put{TableName: &s.table, Item: it}}}, err
}

// atMakers has the writes, for a transaction, that a change of a key needs at other keys: the check
// that a maker is unchanged, the key's place among its children if it makes the key more than it was,
// and, if the key is to live longer, the same for its places among the children of others.
func (s *Store) atMakers(ctx context.Context, by apikey.Maker, was, next apikey.Key, e audit.Entry) ([]types.TransactWriteItem, error) {
	var writes []types.TransactWriteItem
	done := map[string]bool{next.ID: true}
	widened := apikey.Widened(&was, &next)
	if by.Key != nil && by.Key.ID != next.ID {
		made, err := s.fromMaker(by, next, 0, e.At)
		if err != nil {
			return nil, err
		}
		writes = made[:1]
		if len(widened) > 0 {
			writes, done[by.Key.ID] = made, true
		}
	}
	if !slices.Contains(widened, "expires_at") {
		return writes, nil
	}
	makers, err := s.makersOf(ctx, was)
	if err != nil {
		return nil, err
	}
	for _, id := range makers {
		if !done[id] {
			writes = append(writes, s.longerChild(id, next))
		}
		done[id] = true
	}
	return writes, nil
}

// makersOf returns the ids of the keys from which a key may have come: the one that made it, and those
// that gave it the secrets that it has, of which its log tells.
func (s *Store) makersOf(ctx context.Context, k apikey.Key) ([]string, error) {
	var makers []string
	if k.CreatedBy != "" {
		makers = append(makers, k.CreatedBy)
	}
	if k.Generation == 1 {
		return makers, nil
	}
	secrets := 0
	pages := dynamodb.NewQueryPaginator(s.db, &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :audit)"),
		FilterExpression:          aws.String("#action = :regenerated"),
		ExpressionAttributeNames:  map[string]string{"#action": "action"},
		ExpressionAttributeValues: item{":pk": str(keyPartition(k.ID)), ":audit": str(auditPrefix), ":regenerated": str(audit.Regenerated)},
	})
	for pages.HasMorePages() && secrets < 2 { // the secret of now, and the one before it
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, failed("find who regenerated a key", err)
		}
		for _, it := range page.Items[:min(len(page.Items), 2-secrets)] {
			one, err := unmarshal[audit.Entry](it)
			if err != nil {
				return nil, err
			}
			if secrets++; one.Actor.Type == "key" || one.Actor.Type == "client" {
				makers = append(makers, one.Actor.ID)
			}
		}
	}
	return makers, nil
}

// longerChild is the write that keeps a child's item as long as the child. All else in it stays.
func (s *Store) longerChild(maker string, k apikey.Key) types.TransactWriteItem {
	u := types.Update{
		TableName: &s.table, Key: childKey(maker, k.ID),
		UpdateExpression: aws.String("SET id = :id REMOVE expires_at"), ExpressionAttributeValues: item{":id": str(k.ID)},
	}
	if k.ExpiresAt != 0 {
		u.UpdateExpression, u.ExpressionAttributeValues[":until"] = aws.String("SET id = :id, expires_at = :until"), num(k.ExpiresAt)
	}
	return types.TransactWriteItem{Update: &u}
}
