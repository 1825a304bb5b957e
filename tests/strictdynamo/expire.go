package strictdynamo

import (
	"context"
	"fmt"
	"time"
)

// Expire is row 17: it deletes the items of a table that have expired by `now`. DynamoDB's
// time-to-live does this up to days later. Expire returns the number of deleted items.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
func (p *Proxy) Expire(ctx context.Context, name string, now time.Time) (int, error) {
	t, err := p.table(ctx, name)
	if err != nil {
		return 0, fmt.Errorf("table %q: %w", name, err)
	}
	expired := map[string]any{
		"TableName":                 name,
		"FilterExpression":          "#at < :now",
		"ExpressionAttributeNames":  map[string]string{"#at": ttlAttribute},
		"ExpressionAttributeValues": item{":now": {"N": fmt.Sprint(now.Unix())}},
	}
	deleted := 0
	for {
		var page struct {
			Items            []item
			LastEvaluatedKey item
		}
		if err := p.ask(ctx, "Scan", expired, &page); err != nil {
			return deleted, err
		}
		for _, it := range page.Items {
			err := p.ask(ctx, "DeleteItem", map[string]any{
				"TableName": name, "Key": it.only(t.hash, t.sort), "ConditionExpression": expired["FilterExpression"],
				"ExpressionAttributeNames":  expired["ExpressionAttributeNames"],
				"ExpressionAttributeValues": expired["ExpressionAttributeValues"],
			}, &struct{}{})
			switch {
			case err == nil:
				deleted++
			case !refusedAs(err, "ConditionalCheckFailedException"): // that one was renewed meanwhile
				return deleted, err
			}
		}
		if page.LastEvaluatedKey == nil {
			return deleted, nil
		}
		expired["ExclusiveStartKey"] = page.LastEvaluatedKey
	}
}

// ttlAttribute is the table's time-to-live attribute in template.yaml, in epoch seconds.
const ttlAttribute = "expires_at"
