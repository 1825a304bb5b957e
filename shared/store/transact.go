package store

import (
	"context"
	secure "crypto/rand"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
)

// While a transaction is under way, for some 10 ms, its items are its own. DynamoDB refuses
// what meets it there, and does nothing: another transaction is cancelled for a
// TransactionConflict, a single write is refused with a TransactionConflictException. The
// SDK repeats neither.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling

var errCondition = errors.New("the condition of a write does not hold")

// competeTime is how long a write competes with others for its items: less than the
// function's time, so that the caller gets an answer.
const competeTime = 7 * time.Second

// compete tries until nothing is in the way, or the time is over.
func compete(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, competeTime)
	defer cancel()
	for tries := 0; ; tries++ {
		err := try(ctx)
		if !passing(err) || pause(ctx, 20*time.Millisecond<<min(tries, 5)) != nil {
			return err
		}
	}
}

// competing has every single write of a client compete.
func competing(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Compete", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (out middleware.InitializeOutput, metadata middleware.Metadata, err error) {
		try := func(ctx context.Context) error {
			out, metadata, err = next.HandleInitialize(ctx, in)
			return err
		}
		if errors.As(try(ctx), new(*types.TransactionConflictException)) {
			err = compete(ctx, try)
		}
		return out, metadata, err
	}), middleware.Before)
}

// transact writes all or nothing. Its errors say that it failed to do what attempt names. If a condition
// failed it returns errCondition, and the item that the first failed condition found (nil if there was none).
//
// All tries have one token. So if one was done and its answer lost, the next is told that it was done, and does
// not meet its own write.
func (s *Store) transact(ctx context.Context, attempt string, writes ...types.TransactWriteItem) (found item, err error) {
	token := secure.Text()
	err = compete(ctx, func(ctx context.Context) error {
		found, err = s.transactAs(ctx, token, attempt, writes...)
		return err
	})
	return found, err
}

// transactOnce is transact that does not try again when others were at the same items.
func (s *Store) transactOnce(ctx context.Context, attempt string, writes ...types.TransactWriteItem) (item, error) {
	return s.transactAs(ctx, secure.Text(), attempt, writes...)
}

func (s *Store) transactAs(ctx context.Context, token, attempt string, writes ...types.TransactWriteItem) (item, error) {
	_, err := s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes, ClientRequestToken: &token})
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		for _, reason := range cancelled.CancellationReasons {
			if aws.ToString(reason.Code) == "ConditionalCheckFailed" {
				return reason.Item, errCondition
			}
		}
	}
	return nil, failed(attempt, err)
}

// passing reports whether a write was refused for nothing that will not pass: other
// transactions, or too many of them.
func passing(err error) bool {
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return errors.As(err, new(*types.TransactionConflictException))
	}
	for _, reason := range cancelled.CancellationReasons {
		switch aws.ToString(reason.Code) {
		case "None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded":
		default:
			return false
		}
	}
	return true
}

// pause waits for a random part of most, so that callers that collided do not collide again.
func pause(ctx context.Context, most time.Duration) error {
	return sleep(ctx, rand.N(most)) //nolint:gosec // who waits how long is no secret
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
