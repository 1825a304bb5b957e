package store

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/latchkey/latchkey/shared/apikey"
)

// bounds are the attributes of a key that bound what it makes and who may regenerate it.
var bounds = []string{
	"generation", "type", "scopes", "owner", "project", "expires_at", "allowed_ips",
	"limit_auth", "limit_management", "limit_read", "limit_write",
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
