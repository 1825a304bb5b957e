package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// While a transaction is under way, for some 10 ms, its items are its own. DynamoDB refuses
// what meets it there, and does nothing: another transaction is cancelled for a
// TransactionConflict, which the SDK does not repeat and transact does; a single write is
// refused with a TransactionConflictException, which the retryer repeats.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-conflict-handling

var errCondition = errors.New("the condition of a write does not hold")

// transactTime is how long a transaction competes with others for its items: less than the
// function's time, so that the caller gets an answer.
const transactTime = 7 * time.Second

// transact writes all or nothing. Its errors say that it failed to do what attempt names. If a condition
// failed it returns errCondition, and the item that the first failed condition found (nil if there was none).
func (s *Store) transact(ctx context.Context, attempt string, writes ...types.TransactWriteItem) (item, error) {
	ctx, cancel := context.WithTimeout(ctx, transactTime)
	defer cancel()
	for tries := 0; ; tries++ {
		found, err := s.transactOnce(ctx, attempt, writes...)
		if !passing(err) || pause(ctx, 20*time.Millisecond<<min(tries, 3)) != nil {
			return found, err
		}
	}
}

// transactOnce is transact that does not try again when others were at the same items.
func (s *Store) transactOnce(ctx context.Context, attempt string, writes ...types.TransactWriteItem) (item, error) {
	_, err := s.db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: writes})
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

// passing reports whether a transaction was cancelled, and for nothing that will not pass:
// other transactions, or too many of them.
func passing(err error) bool {
	var cancelled *types.TransactionCanceledException
	if !errors.As(err, &cancelled) {
		return false
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
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rand.N(most)): //nolint:gosec // who waits how long is no secret
		return nil
	}
}

const attempts = 3 // of one call

// retryer is the SDK's, which also repeats a write that met a transaction, and soon: what
// throttles is over in a while, a transaction in milliseconds.
func retryer() aws.Retryer {
	usual := retry.NewExponentialJitterBackoff(500 * time.Millisecond)
	return retry.AddWithErrorCodes(retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.Backoff = retry.BackoffDelayerFunc(func(attempt int, err error) (time.Duration, error) {
			if errors.As(err, new(*types.TransactionConflictException)) {
				return 10*time.Millisecond + rand.N(20*time.Millisecond), nil //nolint:gosec // as in pause
			}
			return usual.BackoffDelay(attempt, err)
		})
	}), "TransactionConflictException")
}
