package strictdynamo

import (
	"context"
	"fmt"
	"time"
)

// Expire is row 17: it deletes what has expired by `now` from a table, as time-to-live does
// some time later, up to days. It returns how many items that were.
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

// ttlAttribute is the table's in template.yaml: epoch seconds.
const ttlAttribute = "expires_at"
