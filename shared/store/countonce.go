package store

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/oklog/ulid/v2"
)

// A count whose answer is lost may have been written, so the SDK must not simply repeat it. Every
// count leaves a mark on its item: a ULID, which has the time at which it was first sent. A repeated
// count has one more condition, that nothing was counted since then. If that fails, the mark tells:
//
//	its own     it was counted; the item is the answer
//	a later     another was counted after it, and nobody knows whether it was: errUnclear
//
// A request that is unclear is answered with a 503. So it counts once at most, no request beyond
// the limit is admitted, and the caller may send it again.
var errUnclear = errors.New("the answer to a count was lost, and another request was counted after it")

// clockSkew is how far the clocks of two machines may differ. If they differ by more, a count whose
// answer is lost may count twice.
const clockSkew = 100 * time.Millisecond

// countOnce makes an update that counts one request. The update gets ", <attr> = :mark" after set,
// which is its SET clause, and then rest. Errors: errCondition and errUnclear, with the item as it
// is, or nil if there is none.
func (s *Store) countOnce(ctx context.Context, attr, set, rest string, in dynamodb.UpdateItemInput) (item, error) {
	own := ulid.Make()
	var since ulid.ULID
	if err := since.SetTime(own.Time() - uint64(clockSkew.Milliseconds())); err != nil {
		return nil, err
	}
	values := maps.Clone(in.ExpressionAttributeValues)
	values[":mark"] = &types.AttributeValueMemberB{Value: own[:]}
	in.TableName, in.ExpressionAttributeValues = &s.table, values
	in.UpdateExpression = aws.String(set + ", " + attr + " = :mark " + rest)
	in.ReturnValues = types.ReturnValueAllNew
	in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
	for sent := 1; ; sent++ {
		out, err := s.db.UpdateItem(ctx, &in, func(o *dynamodb.Options) { o.Retryer = s.repeatsUndone })
		var refused *types.ConditionalCheckFailedException
		switch {
		case err == nil && !bytes.Equal(markOf(out.Attributes, attr), own[:]):
			return nil, errors.New("the answer to a count has not its mark")
		case err == nil:
			return out.Attributes, nil
		case errors.As(err, &refused) && sent == 1:
			return refused.Item, errCondition
		case errors.As(err, &refused):
			return counted(refused.Item, attr, own, since)
		case sent == attempts || !s.repeats(ctx, sent, err):
			return nil, err
		case sent == 1:
			in.ConditionExpression = aws.String("(" + *in.ConditionExpression + ") AND (attribute_not_exists(" + attr + ") OR " + attr + " < :since)")
			values[":since"] = &types.AttributeValueMemberB{Value: since[:]}
		}
	}
}

// counted tells why a repeated count was refused.
func counted(found item, attr string, own, since ulid.ULID) (item, error) {
	switch mark := markOf(found, attr); {
	case bytes.Compare(mark, since[:]) < 0:
		return found, errCondition
	case bytes.Equal(mark, own[:]):
		return found, nil
	}
	return found, errUnclear
}

// markOf returns the mark of an item, or nil.
func markOf(it item, attr string) []byte {
	mark, _ := it[attr].(*types.AttributeValueMemberB)
	if mark == nil {
		return nil
	}
	return mark.Value
}

// repeats waits before a call is repeated, and reports whether it is to be: with the SDK's own rules
// for which errors may pass, how long to wait, and how often in a row.
func (s *Store) repeats(ctx context.Context, sent int, err error) bool {
	if s.repeatsUndone.IsErrorRetryable(err) || !s.repeatsAll.IsErrorRetryable(err) {
		return false // the SDK has repeated it already, or it would not
	}
	if _, err := s.repeatsAll.GetRetryToken(ctx, err); err != nil {
		return false
	}
	wait, err := s.repeatsAll.RetryDelay(sent, err)
	return err == nil && sleep(ctx, wait) == nil
}

// undone are the errors after which it is certain that a call did nothing: DynamoDB says so, or the
// call was never sent.
var undone = []retry.IsErrorRetryable{
	retry.NoRetryCanceledError{},
	retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes},
	retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
		var network *net.OpError
		if errors.As(err, &network) && network.Op == "dial" {
			return aws.TrueTernary
		}
		return aws.UnknownTernary
	}),
}
