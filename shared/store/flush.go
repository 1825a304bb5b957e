package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// One flush of a cache serves everybody who asked for one before it began. A stage's item
// counts who asked (asked), up to whom a flush has ended that began later (flushed), and
// until when somebody is at one (flushing_until, epoch milliseconds).
//
//	AskFlush ─► number ─► TakeFlush ─┬─► done
//	                        ▲        ├─► somebody is at it: wait ─┐
//	                        │        └─► flush ─► EndFlush        │
//	                        └─────────────────────────────────────┘

// flushLease is how long others wait for who took a flush and was not heard of again.
const flushLease = 3 * time.Second

// AskFlush asks for a flush of a stage (apiId/stage) that begins after now. It returns the
// number under which TakeFlush tells of it.
func (s *Store) AskFlush(ctx context.Context, stage string) (int64, error) {
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: flushKey(stage), UpdateExpression: aws.String("ADD asked :one"),
		ExpressionAttributeValues: item{":one": num(1)}, ReturnValues: types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return 0, fmt.Errorf("asking for a flush: %w", err)
	}
	return number(out.Attributes, "asked"), nil
}

// TakeFlush returns up to which number the caller is to flush the stage now; 0 if the
// number that it asked under is flushed; ErrConflict while somebody else is at it.
func (s *Store) TakeFlush(ctx context.Context, stage string, asked int64, now time.Time) (int64, error) {
	out, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: flushKey(stage), UpdateExpression: aws.String("SET flushing_until = :later"),
		ConditionExpression: aws.String("(attribute_not_exists(flushed) OR flushed < :asked) AND " +
			"(attribute_not_exists(flushing_until) OR flushing_until < :now)"),
		ExpressionAttributeValues:           item{":asked": num(asked), ":now": num(now.UnixMilli()), ":later": num(now.Add(flushLease).UnixMilli())},
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var failed *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &failed) && number(failed.Item, "flushed") >= asked:
		return 0, nil
	case errors.As(err, &failed):
		return 0, ErrConflict
	case err != nil:
		return 0, fmt.Errorf("taking a flush: %w", err)
	}
	return number(out.Attributes, "asked"), nil
}

// EndFlush tells everybody up to that number that the stage is flushed.
func (s *Store) EndFlush(ctx context.Context, stage string, upTo int64) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: flushKey(stage), UpdateExpression: aws.String("SET flushed = :upTo REMOVE flushing_until"),
		ConditionExpression:       aws.String("attribute_not_exists(flushed) OR flushed < :upTo"),
		ExpressionAttributeValues: item{":upTo": num(upTo)},
	})
	if err != nil && !errors.As(err, new(*types.ConditionalCheckFailedException)) { // told by a later flush
		return fmt.Errorf("ending a flush: %w", err)
	}
	return nil
}

// DropFlush lets somebody else take the flush that the caller took and could not do.
func (s *Store) DropFlush(ctx context.Context, stage string) error {
	_, err := s.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: flushKey(stage), UpdateExpression: aws.String("REMOVE flushing_until"),
	})
	if err != nil {
		return fmt.Errorf("dropping a flush: %w", err)
	}
	return nil
}
